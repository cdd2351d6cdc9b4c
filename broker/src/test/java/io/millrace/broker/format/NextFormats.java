package io.millrace.broker.format;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/** The formats of the next build, which {@code -Dmillrace.formats=next} makes. */
public final class NextFormats {
    private NextFormats() {}

    /** What that build reads and writes. */
    public static Formats read() {
        return Formats.of(properties("next"));
    }

    static Properties properties(String build) {
        Path file = Path.of("src/main/formats", build, "millrace", "format-versions.properties");
        try (Reader reader = Files.newBufferedReader(file)) {
            Properties properties = new Properties();
            properties.load(reader);
            return properties;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
