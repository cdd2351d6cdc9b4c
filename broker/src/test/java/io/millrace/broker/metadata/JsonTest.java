package io.millrace.broker.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonTest {
    @Test
    void readsWhatItWrote() {
        // Given
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("text", "a\"b\\c\n\u0001ä\ud83d\ude00\ud800");
        tree.put("number", -42L);
        tree.put("flags", Arrays.asList(true, false, null));
        tree.put("empty", Map.of("list", List.of(), "map", Map.of()));
        // When
        String text = Json.write(tree);
        // Then
        assertThat(Json.parse(text)).isEqualTo(tree);
        assertThat(text).doesNotContain("\ud800");
    }

    @Property(tries = 200)
    void readsAnyStringThatItWrote(@ForAll String string) {
        assertThat(Json.parse(Json.write(string))).isEqualTo(string);
    }

    @Test
    void readsWhatOthersWrite() {
        assertThat(Json.parse(" { \"a\" : [ 1 , \"\\u00e4\\/\\t\" ] } \n")).isEqualTo(Map.of("a", List.of(1L, "ä/\t")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{\"a\"",
                "{\"a\":",
                "{\"a\":1",
                "[1",
                "[1,",
                "\"a",
                "\"\\",
                "\"\\u12",
                "\"\\uzzzz\"",
                "tru",
                "1.5",
                "{} x",
                "{a:1}",
                "-",
                "\"\\x\""
            })
    void refusesWhatIsMalformed(String text) {
        assertThatThrownBy(() -> Json.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("malformed JSON at character");
    }

    @Test
    void refusesDeepNesting() {
        assertThatThrownBy(() -> Json.parse("[".repeat(100_000))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesAValueOfANewerVersion() {
        assertThatThrownBy(() -> MetadataCodec.readCluster(
                        new StoredValue("/millrace/cluster", "{\"version\":2,\"id\":\"x\"}", 0, 1, 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("/millrace/cluster")
                .hasMessageContaining("newer Millrace");
    }
}
