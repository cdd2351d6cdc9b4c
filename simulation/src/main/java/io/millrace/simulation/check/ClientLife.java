package io.millrace.simulation.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One client process from its start to its end, as far as a judge needs to know it: when it died, and when its consumers were cut off for so
 * long that the broker may give away what they held.
 */
public final class ClientLife {
    private final String name;
    private final List<long[]> absences = new ArrayList<>();
    /** Since when who leads a partition is without it, by the number of the partition. */
    private final Map<Integer, Long> absentSinceNs = new TreeMap<>();

    private long diedNs = Long.MAX_VALUE;

    public ClientLife(String name) {
        this.name = name;
    }

    public String name() {
        return name;
    }

    /** The process died, without a word. */
    public void died(long nowNs) {
        diedNs = nowNs;
    }

    public boolean isDead() {
        return diedNs != Long.MAX_VALUE;
    }

    /** Its connection to who leads a partition is good for nothing any more, whether it knows or not. */
    public void cutOff(int partition, long nowNs) {
        absentSinceNs.putIfAbsent(partition, nowNs);
    }

    /** Who leads a partition has died: nobody waits for anybody until there is a new leader. */
    public void leaderDied(int partition, long nowNs) {
        Long sinceNs = absentSinceNs.remove(partition);
        if (sinceNs != null) {
            absences.add(new long[] {sinceNs, nowNs});
        }
    }

    /** Another leads a partition that its consumers consume from, or the same anew, and waits for them from now on. */
    public void leaderChanged(int partition, long nowNs) {
        leaderDied(partition, nowNs);
        absentSinceNs.put(partition, nowNs);
    }

    /** Its consumers are attached again. */
    public void back(long nowNs) {
        absentSinceNs.values().forEach(sinceNs -> absences.add(new long[] {sinceNs, nowNs}));
        absentSinceNs.clear();
    }

    /** Whether it was away for at least that long in one go between two moments. */
    boolean wasAway(long forNs, long fromNs, long toNs) {
        for (long[] absence : absences) {
            if (overlap(absence[0], absence[1], fromNs, toNs, forNs)) {
                return true;
            }
        }
        return absentSinceNs.values().stream().anyMatch(sinceNs -> overlap(sinceNs, toNs, fromNs, toNs, forNs));
    }

    private static boolean overlap(long absentNs, long backNs, long fromNs, long toNs, long forNs) {
        return backNs >= fromNs && absentNs <= toNs && Math.min(backNs, toNs) - absentNs >= forNs;
    }

    @Override
    public String toString() {
        return name;
    }
}
