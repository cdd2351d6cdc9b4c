package io.millrace.benchmarks.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class FiguresTest {
    @Test
    void survivesTheWayThroughALine() {
        // Given
        Figures figures =
                Figures.NONE.with("rate", 12.5).with("messages", 1_000_000L).with("tiny", 1e-9);

        // When
        Figures read = Figures.parse(figures.toLine());

        // Then
        assertThat(read).isEqualTo(figures);
        assertThat(read.values().keySet()).containsExactly("rate", "messages", "tiny");
    }

    @Test
    void prefixKeepsNamesReadable() {
        assertThat(Figures.NONE.with("p50", 1.0).prefixed("send").get("sendP50"))
                .isEqualTo(1.0);
    }

    @Test
    void laterFiguresReplaceEarlierOnes() {
        assertThat(Figures.NONE.with("a", 1.0).with(Figures.NONE.with("a", 2.0)).get("a"))
                .isEqualTo(2.0);
    }

    @Test
    void refusesALineThatIsNotFigures() {
        assertThatThrownBy(() -> Figures.parse("rate 12")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void namesTheFigureThatIsMissing() {
        assertThatThrownBy(() -> Figures.NONE.with("a", 1.0).get("b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'b'");
    }
}
