package io.millrace.broker.format;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The format levels that a build reads and writes, and the version of each {@link Structure} at each of them: what the resource {@code
 * millrace/format-versions.properties} says. A version is read up to that of the newest level, whatever the cluster's level is.
 * Immutable.
 */
public final class Formats {
    private static final String RESOURCE = "/millrace/format-versions.properties";
    private static final Formats BUILD = load();

    private final Range levels;
    private final Range peerProtocol;
    private final SortedMap<Integer, Map<Structure, Short>> versions = new TreeMap<>();
    private final SortedMap<Integer, String> since = new TreeMap<>();

    /** From and to, both included. */
    public record Range(int oldest, int newest) {
        public Range {
            if (oldest < 0 || newest < oldest) {
                throw new IllegalArgumentException("a range from " + oldest + " to " + newest);
            }
        }

        /** Whether it is among them. */
        public boolean contains(int one) {
            return one >= oldest && one <= newest;
        }

        @Override
        public String toString() {
            return oldest == newest ? Integer.toString(oldest) : oldest + " to " + newest;
        }
    }

    private Formats(Properties properties) {
        this.levels = range(properties, "");
        this.peerProtocol = range(properties, "peer.");
        for (int level = levels.oldest(); level <= levels.newest(); level++) {
            Map<Structure, Short> its = new EnumMap<>(Structure.class);
            for (Structure structure : Structure.values()) {
                its.put(structure, (short) number(properties, level + "." + structure.word()));
            }
            versions.put(level, its);
            since.put(level, text(properties, level + ".since"));
        }
    }

    /** Those of this build. */
    public static Formats ofBuild() {
        return BUILD;
    }

    /**
     * Those that such properties say.
     *
     * @throws IllegalArgumentException if one is missing or no number
     */
    public static Formats of(Properties properties) {
        return new Formats(properties);
    }

    /** The levels that are read and written. */
    public Range levels() {
        return levels;
    }

    /** The versions of what brokers say to each other that are spoken. */
    public Range peerProtocol() {
        return peerProtocol;
    }

    /** The version of a structure that is written at a level. */
    public short version(Structure structure, int level) {
        Map<Structure, Short> its = versions.get(level);
        if (its == null) {
            throw new IllegalArgumentException("format level " + level + " is not " + levels);
        }
        return its.getOrDefault(structure, (short) 0);
    }

    /** The first release that knows a level, for people; empty if this build does not know the level. */
    public String since(int level) {
        return since.getOrDefault(level, "");
    }

    /** The highest version of a structure that is read. */
    public short newest(Structure structure) {
        return version(structure, levels.newest());
    }

    private static Range range(Properties properties, String prefix) {
        return new Range(number(properties, prefix + "oldest"), number(properties, prefix + "newest"));
    }

    private static int number(Properties properties, String key) {
        return Integer.parseInt(text(properties, key));
    }

    private static String text(Properties properties, String key) {
        String text = properties.getProperty(key);
        if (text == null) {
            throw new IllegalArgumentException("format-versions.properties lacks " + key);
        }
        return text.strip();
    }

    private static Formats load() {
        try (InputStream in = Formats.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("the class path lacks " + RESOURCE);
            }
            Properties properties = new Properties();
            properties.load(in);
            return new Formats(properties);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
