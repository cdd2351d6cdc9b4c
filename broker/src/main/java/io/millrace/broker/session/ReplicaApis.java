package io.millrace.broker.session;

import io.millrace.broker.metadata.PartitionState;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.AlterClusterSettingsRequestData;
import io.millrace.protocol.message.AlterClusterSettingsResponseData;
import io.millrace.protocol.message.AlterReplicasRequestData;
import io.millrace.protocol.message.AlterReplicasResponseData;

/** Serves what operators change while the cluster runs: AlterReplicas, AlterClusterSettings. */
final class ReplicaApis {
    private static final long AS_IT_IS = -1;

    private ReplicaApis() {}

    static void alter(Request request, long nowMs) {
        AlterReplicasRequestData message = (AlterReplicasRequestData) request.message();
        AlterReplicasResponseData response = new AlterReplicasResponseData();
        Join join = new Join(() -> request.answer(response));
        for (AlterReplicasRequestData.AlteredPartition partition : message.partitions()) {
            AlterReplicasResponseData.AlterResult out = new AlterReplicasResponseData.AlterResult();
            response.results().add(out);
            String topicName =
                    DestinationApis.name(partition.kind(), partition.name()).topicName();
            join.begin();
            request.session()
                    .services()
                    .registries()
                    .reassignments()
                    .alter(
                            topicName,
                            partition.index(),
                            partition.replicas(),
                            request.session().onLane(new Reply<PartitionState>() {
                                @Override
                                public void complete(PartitionState state) {
                                    join.end();
                                }

                                @Override
                                public void fail(ErrorCode error, String reason) {
                                    out.setErrorCode(error.code()).setErrorMessage(reason);
                                    join.end();
                                }
                            }));
        }
        join.allBegun();
    }

    static void alterSettings(Request request, long nowMs) {
        AlterClusterSettingsRequestData message = (AlterClusterSettingsRequestData) request.message();
        long bytesPerSecond = message.catchUpBytesPerSecond();
        if (bytesPerSecond < AS_IT_IS) {
            throw new InvalidRequestException(
                    ErrorCode.INVALID_CONFIG, "a throttle of " + bytesPerSecond + " bytes a second; 0 is none");
        }
        request.session()
                .services()
                .registries()
                .settings()
                .change(
                        present -> {
                            var wanted = bytesPerSecond == AS_IT_IS ? present : present.withCatchUp(bytesPerSecond);
                            for (int broker : message.enterMaintenance()) {
                                wanted = wanted.withMaintenance(broker, true);
                            }
                            for (int broker : message.leaveMaintenance()) {
                                wanted = wanted.withMaintenance(broker, false);
                            }
                            return wanted;
                        },
                        Answer.to(request, settings -> new AlterClusterSettingsResponseData()));
    }
}
