package io.millrace.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextTableTest {
    @Test
    void alignsColumns() {
        // Given
        TextTable table = new TextTable();
        table.row(List.of("", "msg/s", "p99"));
        table.row(List.of("millrace", "12,345", "7"));
        table.row(List.of("ratio", "2.00", ""));

        // Then
        assertThat(table.render()).isEqualTo("""
                           msg/s  p99
                millrace  12,345    7
                ratio       2.00
                """);
    }

    @Test
    void refusesARowOfAnotherLength() {
        // Given
        TextTable table = new TextTable();
        table.row(List.of("a", "b"));

        // Then
        assertThatThrownBy(() -> table.row(List.of("a"))).isInstanceOf(IllegalArgumentException.class);
    }
}
