package io.millrace.simulation;

import io.millrace.simulation.broker.SimBroker;
import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.network.NetworkConditions;

/**
 * What a run is made of, drawn from its seed. Each kind of trouble is in some runs and not in others, since what always happens hides what
 * happens only without it. Immutable.
 *
 * @param cluster the brokers, and what happens between them
 * @param groups of Kafka's consumers
 * @param clockIsSet whether the broker's machine has another time at each start
 * @param forNs how long there is load and trouble; then the faults stop and everything must drain
 */
public record Scenario(
        long forNs,
        Load load,
        SimBroker.Sizes sizes,
        Mortality mortality,
        DiskWeather disk,
        NetworkWeather network,
        Cluster cluster,
        Groups groups,
        boolean clockIsSet) {
    /** A mean time between faults of a kind that does not occur. */
    public static final long NEVER = Long.MAX_VALUE;

    /**
     * Who works how much.
     *
     * @param queues how many queues there are
     * @param producers how many clients send
     * @param consumers how many clients consume from each queue
     * @param durableSubscribers how many subscribe durably to the topic
     * @param listeners how many subscribe to the topic without durability
     * @param sendEveryNs the mean time between two sends of a producer
     * @param persistent the part of messages that is PERSISTENT
     * @param bodyBytes the largest body
     * @param prefetch of each consumer
     * @param leastNs how long a consumer takes for a message at least
     * @param mostNs and at most
     * @param auto whether consumers settle each message by itself and never wait until that is confirmed
     */
    public record Load(
            int queues,
            int producers,
            int consumers,
            int durableSubscribers,
            int listeners,
            long sendEveryNs,
            double persistent,
            int bodyBytes,
            int prefetch,
            long leastNs,
            long mostNs,
            boolean auto) {}

    /**
     * What dies how often: mean times in ns.
     *
     * @param killEveryNs the broker's process, by kill -9
     * @param powerLossEveryNs the broker's machine
     * @param stopEveryNs the broker, by a clean stop
     * @param clientDeathEveryNs any client
     * @param clientCloseEveryNs any client, cleanly
     * @param longestDownNs how long the broker is away at most
     */
    public record Mortality(
            long killEveryNs,
            long powerLossEveryNs,
            long stopEveryNs,
            long clientDeathEveryNs,
            long clientCloseEveryNs,
            long longestDownNs) {}

    /**
     * What the disk does.
     *
     * @param longestFlushNs the longest flush; most are quicker
     * @param failEveryNs the mean time between failing flushes
     * @param fullEveryNs the mean time between times without room
     */
    public record DiskWeather(long longestFlushNs, long failEveryNs, long fullEveryNs) {}

    /**
     * What the network does.
     *
     * @param breakEveryNs the mean time between breaks of a link
     * @param stallEveryNs the mean time between stalls of a lane, as by garbage collection
     */
    public record NetworkWeather(NetworkConditions conditions, long breakEveryNs, long stallEveryNs) {}

    /**
     * Several brokers, or one that is alone.
     *
     * @param brokers how many there are
     * @param sessionMs how long a session of the metadata store outlives its owner's silence
     */
    public record Cluster(int brokers, SimBroker.ClusterSettings settings, int sessionMs, Between between) {
        /** One broker that is alone. */
        static final Cluster ALONE = new Cluster(1, SimBroker.ClusterSettings.NONE, 6000, Between.CALM);

        boolean isAlone() {
            return brokers == 1;
        }
    }

    /**
     * What happens to the brokers of a cluster and between them: mean times in ns.
     *
     * @param pauseEveryNs between pauses of a broker's process
     * @param cutEveryNs between cuts of the network between two hosts
     * @param wipeEveryNs between losses of a disk
     * @param clockEveryNs between jumps of a machine's clock
     * @param deposeEveryNs between times in which a leader is cut off from who could tell it, and not from its clients
     * @param blackoutEveryNs between losses of the power of several machines at once
     * @param secondBlow how likely whoever was just elected is struck again
     * @param longestNs how long a pause or a cut lasts at most
     */
    public record Between(
            long pauseEveryNs,
            long cutEveryNs,
            long wipeEveryNs,
            long clockEveryNs,
            long deposeEveryNs,
            long blackoutEveryNs,
            double secondBlow,
            long longestNs) {
        /** Nothing happens between them. */
        public static final Between CALM = new Between(NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, 0, Kernel.SECOND);
    }

    /**
     * Groups of Kafka's consumers, in a cluster.
     *
     * @param groups how many there are
     * @param members of each
     * @param statics the part of members that are static
     * @param longestProcessingNs how long a member takes at most for what a fetch brings
     * @param troubleEveryNs the mean time between deaths, stops, pauses and doubles of members
     */
    public record Groups(int groups, int members, double statics, long longestProcessingNs, long troubleEveryNs) {
        /** No groups. */
        public static final Groups NONE = new Groups(0, 0, 0, 0, NEVER);

        private static final double SHARE = 0.3;

        /** Drawn from a stream of its own, so that runs without groups are as they were. */
        static Groups of(long seed, long forNs) {
            Chance chance = Chance.of(seed, "drawn groups");
            return chance.chance(SHARE)
                    ? new Groups(
                            1 + chance.below(2),
                            1 + chance.below(3),
                            chance.chance(0.5) ? 0 : chance.nextDouble(),
                            chance.skewed(Kernel.MILLI, 500 * Kernel.MILLI),
                            sometimes(chance, 0.7, forNs))
                    : NONE;
        }
    }

    /** The same with groups; topics have several partitions then. */
    public Scenario with(Groups more, int partitions) {
        return new Scenario(
                forNs, load, sizes.withPartitions(partitions), mortality, disk, network, cluster, more, clockIsSet);
    }

    /** The scenario of a seed, of a broker that is alone. */
    public static Scenario of(long seed) {
        return of(seed, Cluster.ALONE, false);
    }

    /** The scenario of a seed, of a cluster. */
    public static Scenario ofCluster(long seed) {
        Chance chance = Chance.of(seed, "cluster");
        Chance more = Chance.of(seed, "more of the cluster");
        int brokers = chance.chance(0.8) ? 3 : 5;
        long forNs = chance.between(5, 30) * Kernel.SECOND;
        SimBroker.ClusterSettings settings = new SimBroker.ClusterSettings(
                3,
                chance.chance(0.7) ? 2 : 1,
                (int) chance.skewed(1000, 10_000),
                chance.chance(0.5) ? 0 : 0.1,
                chance.chance(0.5) ? 0 : 0.05);
        Between between = new Between(
                sometimes(chance, 0.4, forNs),
                sometimes(chance, 0.6, forNs),
                sometimes(chance, 0.2, forNs),
                sometimes(chance, 0.1, forNs),
                sometimes(more, 0.4, forNs),
                sometimes(more, 0.3, forNs),
                more.chance(0.3) ? 0.3 : 0,
                chance.skewed(500 * Kernel.MILLI, 15 * Kernel.SECOND));
        Scenario drawn =
                of(seed, new Cluster(brokers, settings, (int) chance.skewed(1500, 6000), between), more.chance(0.4));
        Groups groups = Groups.of(seed, drawn.forNs);
        return groups.equals(Groups.NONE) ? drawn : drawn.with(groups, Math.max(drawn.sizes.partitions(), 2));
    }

    /** @param slow whether consumers take longer for a message than producers, so that messages wait */
    private static Scenario of(long seed, Cluster cluster, boolean slow) {
        Chance chance = Chance.of(seed, "scenario");
        long forNs = chance.between(2, 15) * Kernel.SECOND;
        int queues = 1 + chance.below(2);
        int producers = 1 + chance.below(3);
        int consumers = 1 + chance.below(3);
        int durableSubscribers = chance.below(3);
        int listeners = chance.below(2);
        long sendEveryNs = chance.skewed(20 * Kernel.MILLI, Kernel.SECOND);
        long slowNs = Math.min(sendEveryNs, 100 * Kernel.MILLI);
        Load load = new Load(
                queues,
                producers,
                consumers,
                durableSubscribers,
                listeners,
                sendEveryNs,
                chance.chance(0.5) ? 1 : chance.nextDouble(),
                (int) chance.skewed(30, 20_000),
                (int) chance.skewed(1, 100),
                slow ? slowNs / 2 : 0,
                slow ? slowNs : sendEveryNs / 2,
                slow);
        SimBroker.Sizes sizes = new SimBroker.Sizes(
                1 + chance.below(2),
                chance.chance(0.7) ? 1 : 2 + chance.below(2),
                (int) chance.skewed(2_000, 200_000),
                (int) chance.skewed(64 << 10, 1 << 20),
                chance.skewed(20_000, 1_000_000),
                chance.skewed(500, 200_000),
                (int) Chance.of(seed, "open files").skewed(3, 100));
        Mortality mortality = new Mortality(
                sometimes(chance, 0.5, forNs),
                sometimes(chance, 0.5, forNs),
                sometimes(chance, 0.25, forNs),
                sometimes(chance, 0.35, forNs),
                sometimes(chance, 0.35, forNs),
                chance.skewed(100 * Kernel.MILLI, 20 * Kernel.SECOND));
        DiskWeather disk = new DiskWeather(
                chance.skewed(200 * Kernel.MICRO, 200 * Kernel.MILLI),
                sometimes(chance, 0.1, forNs),
                sometimes(chance, 0.1, forNs));
        NetworkWeather network = new NetworkWeather(
                chance.chance(0.6) ? NetworkConditions.LOOPBACK : NetworkConditions.POOR,
                sometimes(chance, 0.5, forNs),
                sometimes(chance, 0.3, forNs));
        return new Scenario(forNs, load, sizes, mortality, disk, network, cluster, Groups.NONE, chance.chance(0.2));
    }

    private static long sometimes(Chance chance, double probability, long forNs) {
        boolean occurs = chance.chance(probability);
        long meanNs = chance.skewed(forNs / 20, forNs);
        return occurs ? meanNs : NEVER;
    }
}
