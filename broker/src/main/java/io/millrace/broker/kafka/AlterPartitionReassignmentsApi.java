package io.millrace.broker.kafka;

import io.millrace.broker.metadata.Destination;
import io.millrace.broker.metadata.PartitionState;
import io.millrace.broker.partition.Reply;
import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.Join;
import io.millrace.broker.session.Request;
import io.millrace.protocol.ErrorCode;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData.ReassignablePartition;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData.ReassignableTopic;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData.ReassignablePartitionResponse;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData.ReassignableTopicResponse;
import org.jspecify.annotations.Nullable;

/** Serves AlterPartitionReassignments: any broker does, and each partition for itself. */
final class AlterPartitionReassignmentsApi implements ApiHandler {
    @Override
    public void onRequest(Request request, long nowMs) {
        AlterPartitionReassignmentsRequestData message = (AlterPartitionReassignmentsRequestData) request.message();
        AlterPartitionReassignmentsResponseData response = new AlterPartitionReassignmentsResponseData();
        response.setAllowReplicationFactorChange(message.allowReplicationFactorChange());
        Join join = new Join(() -> request.answer(response));
        Topics topics = new Topics(request);
        for (ReassignableTopic topic : message.topics()) {
            ReassignableTopicResponse topicOut = new ReassignableTopicResponse().setName(topic.name());
            response.responses().add(topicOut);
            Destination destination = topics.find(topic.name(), Uuid.ZERO_UUID);
            for (ReassignablePartition partition : topic.partitions()) {
                ReassignablePartitionResponse out = new ReassignablePartitionResponse()
                        .setPartitionIndex(partition.partitionIndex())
                        .setErrorMessage(null);
                topicOut.partitions().add(out);
                if (!message.allowReplicationFactorChange() && changesFactor(destination, partition)) {
                    out.setErrorCode(ErrorCode.INVALID_REPLICATION_FACTOR.code())
                            .setErrorMessage("the number of replicas would change, which the request does not allow");
                } else {
                    alter(request, topic.name(), partition, out, join);
                }
            }
        }
        join.allBegun();
    }

    private static boolean changesFactor(@Nullable Destination topic, ReassignablePartition wanted) {
        List<Integer> replicas = wanted.replicas();
        int index = wanted.partitionIndex();
        return topic != null
                && replicas != null
                && index >= 0
                && index < topic.partitions().size()
                && replicas.size()
                        != topic.partitions().get(index).placement().origin().size();
    }

    private static void alter(
            Request request,
            String topic,
            ReassignablePartition partition,
            ReassignablePartitionResponse out,
            Join join) {
        join.begin();
        request.session()
                .services()
                .registries()
                .reassignments()
                .alter(
                        topic,
                        partition.partitionIndex(),
                        partition.replicas(),
                        request.session().onLane(new Reply<PartitionState>() {
                            @Override
                            public void complete(PartitionState state) {
                                join.end();
                            }

                            @Override
                            public void fail(ErrorCode error, String reason) {
                                out.setErrorCode(KafkaErrors.code(error)).setErrorMessage(reason);
                                join.end();
                            }
                        }));
    }
}
