package io.millrace.broker.config;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/** A file of settings or of users: Java properties in UTF-8, a {@code KEY=VALUE} a line. */
public final class ConfigFile {
    private ConfigFile() {}

    /**
     * What stands in a file.
     *
     * @throws ConfigException if there is no such file, it can not be read, or a key stands there twice
     */
    public static Map<String, String> read(Path file) {
        Map<String, String> settings = new TreeMap<>();
        Properties properties = new Properties() {
            private static final long serialVersionUID = 1L;

            @Override
            public synchronized Object put(Object key, Object value) {
                if (settings.put((String) key, (String) value) != null) {
                    throw new ConfigException("the file " + file + " sets " + key + " twice");
                }
                return value;
            }
        };
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (NoSuchFileException e) {
            throw new ConfigException("there is no file " + file);
        } catch (IOException | IllegalArgumentException e) {
            throw new ConfigException("the file " + file + " can not be read: " + e.getMessage());
        }
        return settings;
    }
}
