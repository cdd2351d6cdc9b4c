package io.millrace.jms;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of this build, from a file that Maven fills in. */
public final class ClientVersion {
    /** For example {@code 0.1.0-SNAPSHOT}. */
    public static final String TEXT = read();

    private ClientVersion() {}

    /** The first or second number of the version. */
    public static int number(int index) {
        String[] numbers = TEXT.split("[.-]", -1);
        return index < numbers.length && numbers[index].matches("[0-9]{1,9}") ? Integer.parseInt(numbers[index]) : 0;
    }

    private static String read() {
        try (InputStream in = ClientVersion.class.getResourceAsStream("client.properties")) {
            Properties properties = new Properties();
            if (in != null) {
                properties.load(in);
            }
            return properties.getProperty("version", "unknown");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
