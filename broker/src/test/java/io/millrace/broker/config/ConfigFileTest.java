package io.millrace.broker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigFileTest {
    @TempDir
    private Path directory;

    @Test
    void readsSettings() throws IOException {
        assertThat(ConfigFile.read(file("# a remark\nlanes = 2\nuser.j\u00fcrgen.password=p=\u00e4\n")))
                .containsOnly(Map.entry("lanes", "2"), Map.entry("user.j\u00fcrgen.password", "p=\u00e4"));
    }

    @Test
    void refusesAKeyThatStandsThereTwice() throws IOException {
        Path file = file("lanes=1\nlanes=2\n");
        assertThatThrownBy(() -> ConfigFile.read(file))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("lanes twice");
    }

    @Test
    void namesAFileThatIsNotThere() {
        assertThatThrownBy(() -> ConfigFile.read(directory.resolve("none")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("none");
    }

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("settings"), text);
    }
}
