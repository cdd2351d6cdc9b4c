package io.millrace.cli;

import io.millrace.jms.admin.ClusterDescription;
import io.millrace.jms.admin.ClusterDescription.Broker;
import io.millrace.jms.admin.ClusterDescription.Partition;
import io.millrace.jms.admin.MillraceAdmin;
import io.millrace.jms.admin.ReplicasDescription;
import io.millrace.jms.admin.ReplicasDescription.Follower;
import io.millrace.jms.admin.ReplicasDescription.Led;
import io.millrace.jms.admin.ReplicasDescription.Moving;
import jakarta.jms.JMSException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The cluster as one broker sees it, and how far replicas are as their leaders say, each of which is asked. A leader that does not answer is
 * left out. Immutable.
 */
final class ClusterView {
    private final ClusterDescription cluster;
    private final ReplicasDescription replicas;
    private final Map<Key, Led> led = new HashMap<>();
    private final Map<Key, Moving> moving = new HashMap<>();

    /** Names a partition. */
    record Key(boolean isQueue, String destination, int index) {
        static Key of(Partition partition) {
            return new Key(partition.isQueue(), partition.destination(), partition.index());
        }
    }

    private ClusterView(ClusterDescription cluster, ReplicasDescription replicas) {
        this.cluster = cluster;
        this.replicas = replicas;
        replicas.moving().forEach(one -> moving.put(new Key(one.isQueue(), one.destination(), one.index()), one));
    }

    /** Asks one broker. */
    static ClusterView of(MillraceAdmin admin) throws JMSException {
        return new ClusterView(admin.describeCluster(), admin.describeReplicas());
    }

    /** Asks one broker, and then all that it names. */
    static ClusterView withLag(MillraceAdmin admin, ClientOptions client) throws JMSException, CommandException {
        ClusterView view = of(admin);
        for (Broker broker : view.cluster.brokers()) {
            for (Led one : led(broker, client)) {
                view.led.put(new Key(one.isQueue(), one.destination(), one.index()), one);
            }
        }
        return view;
    }

    private static List<Led> led(Broker broker, ClientOptions client) throws CommandException {
        try (MillraceAdmin leader = client.admin(broker)) {
            return leader.describeReplicas().led();
        } catch (JMSException e) {
            return List.of(); // what it leads is shown without
        }
    }

    ClusterDescription cluster() {
        return cluster;
    }

    List<Integer> livingIds() {
        return cluster.brokers().stream().map(Broker::id).toList();
    }

    long catchUpBytesPerSecond() {
        return replicas.catchUpBytesPerSecond();
    }

    List<Integer> maintenance() {
        return replicas.maintenance();
    }

    List<Moving> moving() {
        return replicas.moving();
    }

    /** How the partition moves, or null if it does not. */
    @Nullable
    Moving moving(Partition partition) {
        return moving.get(Key.of(partition));
    }

    /** Where a partition is, or is to be if it moves. */
    List<Integer> target(Partition partition) {
        Moving move = moving(partition);
        return move == null ? partition.replicas() : move.target();
    }

    /** The other replicas as the leader knows them; none if it did not answer. */
    List<Follower> followers(Partition partition) {
        Led one = led.get(Key.of(partition));
        return one == null ? List.of() : one.followers();
    }

    /** About how many bytes are still to be sent to those that are being added. */
    long bytesLeft() {
        long left = 0;
        for (Moving move : replicas.moving()) {
            Led one = led.get(new Key(move.isQueue(), move.destination(), move.index()));
            if (one != null) {
                left += one.followers().stream()
                        .filter(follower -> move.adding().contains(follower.brokerId()))
                        .mapToLong(Follower::lagBytes)
                        .sum();
            }
        }
        return left;
    }
}
