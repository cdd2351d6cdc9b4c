package io.millrace.simulation.kernel;

/** One life of a process, from its start to its end or its death: what was to happen in it afterwards does not happen. */
public final class Life {
    /** The world's own, which outlasts every run. */
    public static final Life WORLD = new Life();

    private boolean ended;
    private long pausedUntilNs;

    public boolean hasEnded() {
        return ended;
    }

    /** Lets nothing happen in it until then: what was to happen happens late, and finds that time went on. */
    public void pauseUntil(long ns) {
        if (this == WORLD) {
            throw new IllegalStateException("the world does not pause");
        }
        pausedUntilNs = ns;
    }

    long pausedUntilNs() {
        return pausedUntilNs;
    }

    /** Whether nothing happens in it at the moment. */
    public boolean isPaused(long nowNs) {
        return nowNs < pausedUntilNs;
    }

    /** Ends it. */
    public void end() {
        if (this == WORLD) {
            throw new IllegalStateException("the world does not end");
        }
        ended = true;
    }
}
