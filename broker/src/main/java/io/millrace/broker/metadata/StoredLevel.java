package io.millrace.broker.metadata;

import io.millrace.broker.format.Formats;

/**
 * The cluster's format level as the store has it. Immutable.
 *
 * @param level what is stored and sent between brokers is written at it
 * @param raising the level that it is being raised to, or the same: a broker that can not read it is not let in any more
 * @param since the first release that knows it, for people
 */
record StoredLevel(int level, int raising, String since) {
    /** Of a cluster that was founded before there were levels. */
    static final StoredLevel FIRST = new StoredLevel(1, 1, "");

    StoredLevel {
        if (level < 1 || raising < level) {
            throw new IllegalArgumentException("format level " + level + ", raised to " + raising);
        }
    }

    /** A cluster at a level. */
    static StoredLevel at(int level, Formats formats) {
        return new StoredLevel(level, level, formats.since(level));
    }

    /** A cluster that is being raised from a level to another. */
    static StoredLevel raising(int from, int to, Formats formats) {
        return new StoredLevel(from, to, formats.since(to));
    }

    /** Why a build can not be a broker of the cluster, or an empty text. */
    String refusalOfLevel(Formats formats) {
        return formats.levels().contains(level) ? "" : refusal("at", level, formats);
    }

    /** Why a build can not become one while the level is being raised, or an empty text. */
    String refusalOfRaising(Formats formats) {
        return formats.levels().contains(raising) ? "" : refusal("being raised to", raising, formats);
    }

    private String refusal(String where, int needed, Formats formats) {
        return "the cluster is " + where + " format level " + needed + ", and this build reads and writes "
                + formats.levels() + "; level " + needed + " needs "
                + (since.isEmpty() ? "an older release" : "release " + since + " or a later one");
    }
}
