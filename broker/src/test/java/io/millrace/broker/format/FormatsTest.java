package io.millrace.broker.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class FormatsTest {
    private final Formats current = Formats.of(NextFormats.properties("current"));
    private final Formats next = NextFormats.read();

    @Test
    void theNextBuildRaisesEveryVersionByOneAndReadsWhatThisOneWrites() {
        int level = current.levels().newest();
        assertThat(next.levels().newest()).isEqualTo(level + 1);
        assertThat(next.levels().oldest()).isEqualTo(current.levels().oldest());
        assertThat(next.peerProtocol().newest())
                .isEqualTo(current.peerProtocol().newest() + 1);
        for (Structure structure : Structure.values()) {
            assertThat(next.version(structure, level))
                    .as(structure.word())
                    .isEqualTo(current.version(structure, level));
            assertThat((int) next.newest(structure)).as(structure.word()).isEqualTo(current.newest(structure) + 1);
        }
    }

    @Test
    void saysWhatItLacks() {
        // Given
        Properties properties = NextFormats.properties("current");
        properties.remove("1.journal");
        // When
        assertThatThrownBy(() -> Formats.of(properties))
                // Then
                .hasMessageContaining("1.journal");
    }

    @Test
    void aLevelOnlyRisesAndIsKeptBeforeAnythingIsWrittenAtIt() {
        // Given
        List<String> seen = new ArrayList<>();
        FormatLevel[] level = new FormatLevel[1];
        level[0] = new FormatLevel(next, 1, higher -> seen.add(higher + " kept at " + level[0].level()));
        // When
        level[0].raise(2);
        level[0].raise(1);
        level[0].raise(2);
        // Then
        assertThat(level[0].level()).isEqualTo(2);
        assertThat(seen).containsExactly("2 kept at 1");
        assertThat(level[0].version(Structure.JOURNAL)).isEqualTo((short) 2);
        assertThatThrownBy(() -> level[0].raise(3)).hasMessageContaining("format level 3 is not 1 to 2");
    }
}
