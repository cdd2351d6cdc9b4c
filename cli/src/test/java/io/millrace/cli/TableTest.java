package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

final class TableTest {
    @Test
    void alignsTextsLeftAndNumbersRight() {
        Table table = new Table("NAME", "BYTES", "X");
        table.add("a", 5, "");
        table.add("longer", 123456789L, "y");
        StringWriter text = new StringWriter();

        table.print(new PrintWriter(text, true));

        assertThat(text.toString().lines())
                .containsExactly("NAME        BYTES  X", "a               5", "longer  123456789  y");
    }
}
