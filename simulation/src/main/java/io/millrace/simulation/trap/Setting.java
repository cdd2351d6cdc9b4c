package io.millrace.simulation.trap;

import io.millrace.simulation.Scenario;
import io.millrace.simulation.broker.SimBroker;
import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.network.NetworkConditions;

/**
 * What a course is run with: three brokers on a quick network, one queue with consumers, no trouble but the course's own. Small things are drawn from
 * the seed, so that the faults meet another moment with each. Immutable; each method answers another setting.
 *
 * @param listeners how many subscribe to the topic without durability; none: there is no topic
 */
record Setting(
        long seed,
        long forNs,
        int minInSync,
        int sessionMs,
        int maxLagMs,
        int listeners,
        int prefetch,
        long sendEveryNs,
        long processingNs,
        long longestFlushNs) {
    static Setting of(long seed) {
        return new Setting(
                seed, 10 * Kernel.SECOND, 2, 2000, 3000, 0, 10, 30 * Kernel.MILLI, 10 * Kernel.MILLI, 5 * Kernel.MILLI);
    }

    Setting lasting(long seconds) {
        return new Setting(
                seed,
                seconds * Kernel.SECOND,
                minInSync,
                sessionMs,
                maxLagMs,
                listeners,
                prefetch,
                sendEveryNs,
                processingNs,
                longestFlushNs);
    }

    Setting minInSync(int least) {
        return new Setting(
                seed,
                forNs,
                least,
                sessionMs,
                maxLagMs,
                listeners,
                prefetch,
                sendEveryNs,
                processingNs,
                longestFlushNs);
    }

    Setting sessionMs(int ms) {
        return new Setting(
                seed, forNs, minInSync, ms, maxLagMs, listeners, prefetch, sendEveryNs, processingNs, longestFlushNs);
    }

    Setting maxLagMs(int ms) {
        return new Setting(
                seed, forNs, minInSync, sessionMs, ms, listeners, prefetch, sendEveryNs, processingNs, longestFlushNs);
    }

    /** With subscribers of the topic who are slow, so that messages wait for them at the leader. */
    Setting slowListeners(int count, long processing) {
        return new Setting(
                seed, forNs, minInSync, sessionMs, maxLagMs, count, 1, sendEveryNs, processing, longestFlushNs);
    }

    Setting sendEveryNs(long ns) {
        return new Setting(
                seed, forNs, minInSync, sessionMs, maxLagMs, listeners, prefetch, ns, processingNs, longestFlushNs);
    }

    Setting longestFlushNs(long ns) {
        return new Setting(
                seed, forNs, minInSync, sessionMs, maxLagMs, listeners, prefetch, sendEveryNs, processingNs, ns);
    }

    Scenario scenario() {
        Chance chance = Chance.of(seed, "setting");
        long never = Scenario.NEVER;
        return new Scenario(
                forNs,
                new Scenario.Load(
                        1,
                        2,
                        2,
                        0,
                        listeners,
                        sendEveryNs,
                        1,
                        200,
                        prefetch,
                        listeners > 0 ? processingNs / 2 : 0,
                        processingNs,
                        listeners > 0),
                new SimBroker.Sizes(1 + chance.below(2), 1, 50_000, 256 << 10, 200_000, 50_000, 16),
                new Scenario.Mortality(never, never, never, never, never, Kernel.SECOND),
                new Scenario.DiskWeather(longestFlushNs, never, never),
                new Scenario.NetworkWeather(NetworkConditions.LOOPBACK, never, never),
                new Scenario.Cluster(
                        3,
                        new SimBroker.ClusterSettings(3, minInSync, maxLagMs, 0, 0),
                        sessionMs,
                        Scenario.Between.CALM),
                Scenario.Groups.NONE,
                false);
    }
}
