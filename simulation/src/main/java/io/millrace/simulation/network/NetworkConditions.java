package io.millrace.simulation.network;

import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;

/**
 * How bad the network is.
 *
 * @param shortestDelayNs the least that bytes are under way
 * @param longestDelayNs the most; most are much quicker
 * @param longestNoticeNs after a break, the most that an end goes on believing in its connection
 * @param splitting how likely bytes written together arrive apart
 */
public record NetworkConditions(long shortestDelayNs, long longestDelayNs, long longestNoticeNs, double splitting) {
    /** Two processes of one machine. */
    public static final NetworkConditions LOOPBACK =
            new NetworkConditions(5 * Kernel.MICRO, 500 * Kernel.MICRO, 10 * Kernel.MILLI, 0.05);

    /** A network with hiccups, where a break is noticed late. */
    public static final NetworkConditions POOR =
            new NetworkConditions(100 * Kernel.MICRO, 300 * Kernel.MILLI, 8 * Kernel.SECOND, 0.2);

    long drawDelayNs(Chance chance) {
        return chance.skewed(shortestDelayNs, longestDelayNs);
    }

    long drawNoticeNs(Chance chance) {
        return chance.skewed(0, longestNoticeNs);
    }
}
