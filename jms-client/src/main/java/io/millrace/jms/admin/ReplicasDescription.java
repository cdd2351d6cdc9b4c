package io.millrace.jms.admin;

import io.millrace.protocol.DestinationKind;
import io.millrace.protocol.message.DescribeReplicasResponseData;
import java.util.List;

/**
 * What moves in a cluster, what operators have set for it, and how far the followers of one broker's partitions are. Immutable.
 *
 * @param catchUpBytesPerSecond how much each leading broker sends to replicas that are not in sync; 0 for as much as it can
 * @param maintenance the brokers in maintenance
 * @param moving the partitions that move
 * @param led the partitions that the asked broker leads
 */
public record ReplicasDescription(
        long catchUpBytesPerSecond, List<Integer> maintenance, List<Moving> moving, List<Led> led) {
    public ReplicasDescription {
        maintenance = List.copyOf(maintenance);
        moving = List.copyOf(moving);
        led = List.copyOf(led);
    }

    /**
     * A partition on its way to other brokers.
     *
     * @param replicas the brokers that hold it or are to
     * @param adding those that are to hold it
     * @param removing those that are not to hold it any more
     */
    public record Moving(
            boolean isQueue,
            String destination,
            int index,
            List<Integer> replicas,
            List<Integer> adding,
            List<Integer> removing) {
        public Moving {
            replicas = List.copyOf(replicas);
            adding = List.copyOf(adding);
            removing = List.copyOf(removing);
        }

        /** The brokers that are to hold it. */
        public List<Integer> target() {
            return replicas.stream().filter(id -> !removing.contains(id)).toList();
        }
    }

    /** A partition, as its leader knows it. */
    public record Led(boolean isQueue, String destination, int index, long logEndOffset, List<Follower> followers) {
        public Led {
            followers = List.copyOf(followers);
        }
    }

    /**
     * Another replica, as the leader knows it.
     *
     * @param lagMessages how many offsets are not on its disk, or -1 if it was not heard of
     * @param lagBytes about how many bytes it lacks
     */
    public record Follower(int brokerId, boolean isInSync, long lagMessages, long lagBytes) {}

    static ReplicasDescription of(DescribeReplicasResponseData answer) {
        return new ReplicasDescription(
                answer.catchUpBytesPerSecond(),
                answer.maintenance(),
                answer.moving().stream()
                        .map(partition -> new Moving(
                                partition.kind() == DestinationKind.QUEUE.code(),
                                partition.name(),
                                partition.index(),
                                partition.replicas(),
                                partition.adding(),
                                partition.removing()))
                        .toList(),
                answer.led().stream()
                        .map(partition -> new Led(
                                partition.kind() == DestinationKind.QUEUE.code(),
                                partition.name(),
                                partition.index(),
                                partition.logEndOffset(),
                                partition.followers().stream()
                                        .map(follower -> new Follower(
                                                follower.brokerId(),
                                                follower.inSync(),
                                                follower.lagMessages(),
                                                follower.lagBytes()))
                                        .toList()))
                        .toList());
    }
}
