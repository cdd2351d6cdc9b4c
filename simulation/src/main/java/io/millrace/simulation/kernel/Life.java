package io.millrace.simulation.kernel;

/** One life of a process, from its start to its end or its death: what was to happen in it afterwards does not happen. */
public final class Life {
    /** The world's own, which outlasts every run. */
    public static final Life WORLD = new Life();

    private boolean ended;

    public boolean hasEnded() {
        return ended;
    }

    /** Ends it. */
    public void end() {
        if (this == WORLD) {
            throw new IllegalStateException("the world does not end");
        }
        ended = true;
    }
}
