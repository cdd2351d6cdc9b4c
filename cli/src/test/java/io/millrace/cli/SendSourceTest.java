package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SendSourceTest {
    @Test
    void repeatsEachText() throws IOException {
        assertThat(all(SendSource.texts(List.of("a", "b"), 2))).containsExactly("a", "a", "b", "b");
        assertThat(all(SendSource.texts(List.of("a"), 0))).isEmpty();
    }

    @Test
    void numbersMessagesOfAnySize() throws IOException {
        assertThat(all(SendSource.numbered(2, 0))).containsExactly("message 1", "message 2");
        assertThat(all(SendSource.numbered(11, 10)))
                .hasSize(11)
                .allMatch(text -> text.length() == 10)
                .startsWith("message 1 ")
                .endsWith("message 11");
        assertThat(all(SendSource.numbered(1, 3))).containsExactly("mes");
        assertThat(all(SendSource.numbered(1, 20))).containsExactly("message 1 ..........");
    }

    @Test
    void readsLinesInUtf8() throws IOException {
        byte[] lines = "eins\n\nzwölf".getBytes(StandardCharsets.UTF_8);

        assertThat(all(SendSource.lines(new ByteArrayInputStream(lines)))).containsExactly("eins", "", "zwölf");
    }

    @Test
    void sendsNothingAltered() throws IOException {
        byte[] latin1 = "eins\nzwölf\n".getBytes(StandardCharsets.ISO_8859_1);
        SendSource source = SendSource.lines(new ByteArrayInputStream(latin1));

        assertThatThrownBy(() -> all(source)).isInstanceOf(IOException.class).hasMessageContaining("not UTF-8");
    }

    private static List<String> all(SendSource source) throws IOException {
        List<String> texts = new ArrayList<>();
        for (String text = source.next(); text != null; text = source.next()) {
            texts.add(text);
        }
        return texts;
    }
}
