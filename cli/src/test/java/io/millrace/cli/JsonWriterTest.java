package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class JsonWriterTest {
    @Test
    void writesObjectsInTheirOrder() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("z", 1);
        object.put("a", List.of(true, 2.5, "x"));
        object.put("n", null);

        assertThat(JsonWriter.write(object)).isEqualTo("{\"z\":1,\"a\":[true,2.5,\"x\"],\"n\":null}");
    }

    @Test
    void writesEmptyValues() {
        assertThat(JsonWriter.write(Arrays.asList(Map.of(), List.of(), ""))).isEqualTo("[{},[],\"\"]");
    }

    @Test
    void escapesWhatJsonForbidsAndKeepsTheRest() {
        assertThat(JsonWriter.write("a\"\\\n\t\r\u0001é\uD83D\uDE00"))
                .isEqualTo("\"a\\\"\\\\\\n\\t\\r\\u0001é\uD83D\uDE00\"");
    }

    @Test
    void escapesHalfACharacter() {
        assertThat(JsonWriter.write("\uD83D")).isEqualTo("\"\\ud83d\"");
    }

    @Test
    void writesWhatIsNoNumberInJsonAsText() {
        assertThat(JsonWriter.write(List.of(Double.NaN, Float.POSITIVE_INFINITY)))
                .isEqualTo("[\"NaN\",\"Infinity\"]");
    }

    @Test
    void writesBytesAsBase64() {
        assertThat(JsonWriter.write(new byte[] {1, 2, 3})).isEqualTo("\"AQID\"");
    }
}
