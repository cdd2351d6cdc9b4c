package io.millrace.simulation;

import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.network.SimLink;
import io.millrace.simulation.network.SimNetwork;
import java.util.List;

/**
 * What befalls single messages, in some of the runs: a connection delivers in order and once, so a message is late with all behind it on its
 * connection, while others pass; or its answer is lost with the connection, and it is sent again over another though it was taken; or what was
 * written to an old connection arrives when there is a new one already. Draws from a stream of its own, so that runs without it are as they were.
 */
final class LateMessages {
    private static final double SHARE = 0.3;
    private static final long LONGEST_DELAY_NS = 3 * Kernel.SECOND;
    private static final long LONGEST_AFTERLIFE_NS = 5 * Kernel.SECOND;

    private final SimNetwork network;
    private final Chance chance;
    private final long delayEveryNs;
    private final long loseAnswerEveryNs;
    private final long breakLateEveryNs;

    LateMessages(long seed, SimNetwork network, Scenario scenario) {
        this.network = network;
        this.chance = Chance.of(seed, "late messages");
        this.delayEveryNs = drawn(scenario.forNs());
        this.loseAnswerEveryNs = drawn(scenario.forNs());
        this.breakLateEveryNs = drawn(scenario.forNs());
    }

    private long drawn(long forNs) {
        boolean occurs = chance.chance(SHARE);
        long meanNs = chance.skewed(forNs / 100, forNs / 5);
        return occurs ? meanNs : Scenario.NEVER;
    }

    long delayEveryNs() {
        return delayEveryNs;
    }

    long loseAnswerEveryNs() {
        return loseAnswerEveryNs;
    }

    long breakLateEveryNs() {
        return breakLateEveryNs;
    }

    /** What is on its way to one end of a connection is late. */
    void delay() {
        List<SimLink> links = network.links();
        if (!links.isEmpty()) {
            SimLink.Side to = chance.chance(0.5) ? SimLink.Side.BROKER : SimLink.Side.CLIENT;
            chance.oneOf(links).hold(to, chance.skewed(Kernel.MILLI, LONGEST_DELAY_NS));
        }
    }

    /** A connection breaks when the next request on it is answered. */
    void loseAnswer() {
        List<SimLink> links = network.links();
        if (!links.isEmpty()) {
            chance.oneOf(links).loseNextAnswer();
        }
    }

    /** A connection breaks, and whoever opened it knows at once; the other end gets what was written, late. */
    void breakLate() {
        List<SimLink> links = network.links();
        if (!links.isEmpty()) {
            chance.oneOf(links).breakLate(chance.skewed(Kernel.MILLI, LONGEST_AFTERLIFE_NS));
        }
    }
}
