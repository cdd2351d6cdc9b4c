package io.millrace.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * Disturbs a cluster in ways that it draws, and ends each disturbance. It goes through all kinds in an order by chance before it begins
 * again, so that few draws see all of them. Owned by the test's thread.
 */
final class Nemesis {
    /** All, or those that {@code millrace.faults} names. */
    static final List<Kind> KINDS = System.getProperty("millrace.faults") == null
            ? List.of(Kind.values())
            : Arrays.stream(System.getProperty("millrace.faults").split(","))
                    .map(Kind::valueOf)
                    .toList();

    private final ClusterOfBrokers cluster;
    private final LinkedBrokers links;
    private final Random random;
    private final List<Kind> drawn = new ArrayList<>();

    /** What is done to a leader, or to whom else is said. */
    enum Kind {
        /** A follower does not hear its leader, or the leader not its follower. */
        ONE_WAY,
        /** Only clients reach the leader. */
        ALONE_WITH_CLIENTS,
        /** ZooKeeper hears nothing of the leader. */
        WITHOUT_ZOOKEEPER,
        /** Clients do not hear the leader, or the leader not them. */
        WITHOUT_CLIENTS,
        /** The links with its peers come and go. */
        FLAPPING,
        /** What goes between it and its peers takes longer. */
        SLOW,
        /** What goes between it and its peers waits for a moment. */
        HELD,
        /** kill -9. */
        KILLED,
        /** SIGSTOP. */
        STOPPED
    }

    Nemesis(ClusterOfBrokers cluster, LinkedBrokers links, Random random) {
        this.cluster = cluster;
        this.links = links;
        this.random = random;
    }

    /** What comes next. */
    Kind draw() {
        if (drawn.isEmpty()) {
            drawn.addAll(KINDS);
            Collections.shuffle(drawn, random);
        }
        return drawn.remove(drawn.size() - 1);
    }

    /**
     * Does it to a leader and undoes it.
     *
     * @param meanwhile waits until it has been done for long enough
     */
    void disturb(Kind kind, int leader, Waiting meanwhile) throws Exception {
        switch (kind) {
            case ONE_WAY -> {
                int other = other(leader);
                boolean leaderSpeaks = random.nextBoolean();
                links.cutOneWay(leaderSpeaks ? leader : other, leaderSpeaks ? other : leader);
                healAfter(meanwhile);
            }
            case ALONE_WITH_CLIENTS -> {
                links.withPeers(leader).forEach(LinkProxy::cut);
                links.toZooKeeper(leader).forEach(LinkProxy::cut);
                healAfter(meanwhile);
            }
            case WITHOUT_ZOOKEEPER -> {
                links.toZooKeeper(leader).forEach(LinkProxy::cut);
                healAfter(meanwhile);
            }
            case WITHOUT_CLIENTS -> {
                links.ofClients(leader)
                        .cut(random.nextBoolean() ? LinkProxy.Direction.TO_TARGET : LinkProxy.Direction.FROM_TARGET);
                pause(500, 3000);
                links.heal();
            }
            case FLAPPING -> {
                for (int i = 0; i < 5; i++) {
                    int other = other(leader);
                    boolean leaderSpeaks = random.nextBoolean();
                    links.cutOneWay(leaderSpeaks ? leader : other, leaderSpeaks ? other : leader);
                    pause(50, 600);
                    links.heal();
                    pause(10, 300);
                }
            }
            case SLOW -> {
                Duration delay = Duration.ofMillis(20 + random.nextInt(300));
                for (LinkProxy link : links.withPeers(leader)) {
                    link.delay(LinkProxy.Direction.TO_TARGET, delay);
                    link.delay(LinkProxy.Direction.FROM_TARGET, delay);
                }
                healAfter(meanwhile);
            }
            case HELD -> {
                links.withPeers(leader).forEach(LinkProxy::hold);
                pause(200, 4000);
                links.withPeers(leader).forEach(LinkProxy::release);
            }
            case KILLED -> {
                cluster.kill(leader);
                meanwhile.await();
                cluster.start(leader);
            }
            case STOPPED -> {
                BrokerProcess process = cluster.broker(leader);
                process.pause();
                try {
                    meanwhile.await();
                } finally {
                    process.resume();
                }
            }
        }
    }

    /** Waits for something. */
    @FunctionalInterface
    interface Waiting {
        void await() throws Exception;
    }

    private void healAfter(Waiting meanwhile) throws Exception {
        try {
            pause(100, 2000);
            meanwhile.await();
        } finally {
            links.heal();
        }
    }

    private int other(int id) {
        List<Integer> others = new ArrayList<>(cluster.running());
        others.remove(Integer.valueOf(id));
        return others.get(random.nextInt(others.size()));
    }

    /** A time by chance, while nothing is waited for. */
    private void pause(int leastMs, int mostMs) {
        LockSupport.parkNanos(
                Duration.ofMillis(leastMs + random.nextInt(mostMs - leastMs)).toNanos());
    }
}
