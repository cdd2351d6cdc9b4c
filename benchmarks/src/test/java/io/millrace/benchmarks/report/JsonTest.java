package io.millrace.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {
    @Test
    void writesWhatIsNestedInOrder() {
        // Given
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("name", "queue-sync");
        document.put("rounds", List.of(1.5, 2));
        document.put("empty", Map.of());
        document.put("ok", true);

        // Then
        assertThat(Json.write(document)).isEqualTo("""
                {
                  "name": "queue-sync",
                  "rounds": [
                    1.5,
                    2
                  ],
                  "empty": {},
                  "ok": true
                }
                """);
    }

    @Test
    void escapesWhatJsonDoesNotTake() {
        assertThat(Json.write("a\"b\\c\nd\u0001")).isEqualTo("\"a\\\"b\\\\c\\nd\\u0001\"\n");
    }

    @Test
    void writesNullWhereThereIsNoNumber() {
        assertThat(Json.write(Arrays.asList(null, Double.NaN))).isEqualTo("[\n  null,\n  null\n]\n");
    }

    @Test
    void refusesOtherValues() {
        assertThatThrownBy(() -> Json.write(new Object())).isInstanceOf(IllegalArgumentException.class);
    }
}
