package io.millrace.simulation.check;

import java.util.ArrayList;
import java.util.List;

/**
 * One client process from its start to its end, as far as a judge needs to know it: when it died, and when its consumers were cut off for so
 * long that the broker may give away what they held.
 */
public final class ClientLife {
    private final String name;
    private final List<long[]> absences = new ArrayList<>();
    private long absentSinceNs = -1;
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

    /** Its connection is good for nothing any more, whether it knows or not. */
    public void cutOff(long nowNs) {
        if (absentSinceNs < 0) {
            absentSinceNs = nowNs;
        }
    }

    /** The broker serves after a restart: from now on it waits for those who are absent. */
    public void brokerIsUp(long nowNs) {
        if (absentSinceNs >= 0) {
            absentSinceNs = nowNs;
        }
    }

    /** Another broker leads what its consumers consume from, and waits for them from now on. */
    public void leaderChanged(long nowNs) {
        absentSinceNs = nowNs;
    }

    /** Its consumers are attached again. */
    public void back(long nowNs) {
        if (absentSinceNs >= 0) {
            absences.add(new long[] {absentSinceNs, nowNs});
            absentSinceNs = -1;
        }
    }

    /** Whether it was away for at least that long in one go between two moments. */
    boolean wasAway(long forNs, long fromNs, long toNs) {
        for (long[] absence : absences) {
            if (overlap(absence[0], absence[1], fromNs, toNs, forNs)) {
                return true;
            }
        }
        return absentSinceNs >= 0 && overlap(absentSinceNs, toNs, fromNs, toNs, forNs);
    }

    private static boolean overlap(long absentNs, long backNs, long fromNs, long toNs, long forNs) {
        return backNs >= fromNs && absentNs <= toNs && Math.min(backNs, toNs) - absentNs >= forNs;
    }

    @Override
    public String toString() {
        return name;
    }
}
