package io.millrace.broker.session;

import io.millrace.broker.metadata.Destination;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.PartitionState;
import io.millrace.broker.partition.ReplicaStanding;
import io.millrace.broker.partition.ReplicaStandings;
import io.millrace.protocol.message.DescribeReplicasRequestData;
import io.millrace.protocol.message.DescribeReplicasResponseData;
import java.util.List;

/** Serves DescribeReplicas: what moves, as the image has it, and how far the followers of the partitions are that are led here. */
final class DescribeReplicasApi implements ApiHandler {
    @Override
    public void onRequest(Request request, long nowMs) {
        DescribeReplicasRequestData message = (DescribeReplicasRequestData) request.message();
        ConnectionSession session = request.session();
        MetadataImage image = session.services().registries().destinations().image();
        DescribeReplicasResponseData response = new DescribeReplicasResponseData()
                .setCatchUpBytesPerSecond(image.settings().catchUpBytesPerSecond())
                .setMaintenance(List.copyOf(image.settings().maintenance()));
        Join join = new Join(() -> request.answer(response));
        for (Destination destination : image.destinations()) {
            for (PartitionState state : destination.partitions()) {
                if (state.placement().isMoving()) {
                    response.moving().add(moving(destination, state));
                }
                HostedPartition hosted = message.led()
                        ? session.services().partitions().find(destination.topicId(), state.index())
                        : null;
                if (hosted != null) {
                    join.begin();
                    session.call(hosted, partition -> {
                        ReplicaStandings standings = partition.describeReplicas();
                        session.onLane(() -> {
                            if (standings != null) {
                                response.led().add(led(destination, state.index(), standings));
                            }
                            join.end();
                        });
                    });
                }
            }
        }
        join.allBegun();
    }

    private static DescribeReplicasResponseData.MovingPartition moving(Destination destination, PartitionState state) {
        return new DescribeReplicasResponseData.MovingPartition()
                .setKind(destination.name().kind().code())
                .setName(destination.name().name())
                .setIndex(state.index())
                .setReplicas(state.placement().replicas())
                .setAdding(state.placement().adding())
                .setRemoving(state.placement().removing());
    }

    private static DescribeReplicasResponseData.LedPartition led(
            Destination destination, int index, ReplicaStandings standings) {
        DescribeReplicasResponseData.LedPartition led = new DescribeReplicasResponseData.LedPartition()
                .setKind(destination.name().kind().code())
                .setName(destination.name().name())
                .setIndex(index)
                .setLogEndOffset(standings.logEndOffset());
        for (ReplicaStanding standing : standings.others()) {
            led.followers()
                    .add(new DescribeReplicasResponseData.FollowerState()
                            .setBrokerId(standing.brokerId())
                            .setInSync(standing.isInSync())
                            .setLagMessages(standing.lagMessages())
                            .setLagBytes(standing.lagBytes()));
        }
        return led;
    }
}
