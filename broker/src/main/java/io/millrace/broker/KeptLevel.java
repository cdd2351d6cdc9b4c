package io.millrace.broker;

import io.millrace.broker.format.FormatLevel;
import io.millrace.broker.format.Formats;
import io.millrace.broker.log.StorageDirectory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The format level at which a data directory may have been written, in a file of it: kept before anything is written at a higher one, so that
 * a build that does not know it says so before it looks at anything else.
 */
final class KeptLevel {
    private static final String FILE = "format-level";
    private static final int OLDEST = 1;

    private KeptLevel() {}

    /**
     * The level of a directory, which keeps every higher one.
     *
     * @throws BrokerException if this build can not read it
     */
    static FormatLevel open(StorageDirectory directory) {
        Formats formats = Formats.ofBuild();
        Map<String, String> kept = read(directory);
        int level = OLDEST;
        String text = kept.get("level");
        if (text != null) {
            try {
                level = Integer.parseInt(text);
            } catch (NumberFormatException e) {
                throw new BrokerException("the file " + FILE + " of the data directory " + directory + " is damaged");
            }
            if (!formats.levels().contains(level)) {
                throw new BrokerException("the data directory " + directory + " was written at format level " + level
                        + ", and this build reads and writes " + formats.levels() + "; level " + level
                        + " needs release " + kept.getOrDefault("since", "?") + " or a later one");
            }
        }
        return new FormatLevel(formats, level, higher -> directory.replace(FILE, text(higher, formats)));
    }

    private static ByteBuffer text(int level, Formats formats) {
        String text = "level=" + level + "\nsince=" + formats.since(level) + "\n";
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Map<String, String> read(StorageDirectory directory) {
        @Nullable ByteBuffer found = directory.readAll(FILE);
        Map<String, String> fields = new HashMap<>();
        if (found != null) {
            StandardCharsets.UTF_8.decode(found).toString().lines().forEach(line -> {
                int equals = line.indexOf('=');
                if (equals > 0) {
                    fields.put(line.substring(0, equals), line.substring(equals + 1));
                }
            });
        }
        return fields;
    }
}
