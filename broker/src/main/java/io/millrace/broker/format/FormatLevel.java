package io.millrace.broker.format;

import java.util.function.IntConsumer;

/**
 * The cluster's format level as far as this broker knows, from which every writer takes its version. It only rises: what was written at a
 * level may be anywhere. A broker that does not know yet writes at the oldest level, which everybody reads. For any thread.
 */
public final class FormatLevel {
    private final Formats formats;
    private final IntConsumer keeper;
    private volatile int level;

    /**
     * A level that was known before.
     *
     * @param keeper keeps a higher level, before anything is written at it
     */
    public FormatLevel(Formats formats, int known, IntConsumer keeper) {
        this.formats = formats;
        this.keeper = keeper;
        this.level = Math.max(formats.levels().oldest(), known);
    }

    /** Of this build's newest level, for good. */
    public static FormatLevel newest() {
        return new FormatLevel(Formats.ofBuild(), Formats.ofBuild().levels().newest(), level -> {});
    }

    /** What this build reads and writes. */
    public Formats formats() {
        return formats;
    }

    /** At which level is written. */
    public int level() {
        return level;
    }

    /** The version that is written. */
    public short version(Structure structure) {
        return formats.version(structure, level);
    }

    /**
     * The cluster is at that level.
     *
     * @throws IllegalArgumentException if this build can not write it
     */
    public synchronized void raise(int to) {
        if (!formats.levels().contains(to)) {
            throw new IllegalArgumentException("format level " + to + " is not " + formats.levels());
        }
        if (to > level) {
            keeper.accept(to);
            level = to;
        }
    }
}
