package io.millrace.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version that the build wrote beside this class. */
final class BuildVersion implements IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
        try (InputStream in = Objects.requireNonNull(
                BuildVersion.class.getResourceAsStream("version.properties"), "version.properties is in the jar")) {
            Properties properties = new Properties();
            properties.load(in);
            return new String[] {"millrace " + properties.getProperty("version")};
        }
    }
}
