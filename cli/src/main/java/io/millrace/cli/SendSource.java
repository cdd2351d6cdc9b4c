package io.millrace.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where the texts of a send come from, one after the other. Owned by the thread that sends. */
interface SendSource extends AutoCloseable {
    /** The next text, or null after the last. */
    @Nullable
    String next() throws IOException;

    @Override
    default void close() throws IOException {}

    /** The texts, each so many times. */
    static SendSource texts(List<String> texts, long times) {
        return new SendSource() {
            private long given;

            @Override
            public @Nullable String next() {
                if (given == times * texts.size()) {
                    return null;
                }
                return texts.get((int) (given++ / times));
            }
        };
    }

    /** Numbered texts, filled up to a size in bytes. */
    static SendSource numbered(long count, int sizeBytes) {
        return new SendSource() {
            private final String filling = ".".repeat(sizeBytes);
            private long given;

            @Override
            public @Nullable String next() {
                if (given == count) {
                    return null;
                }
                given++;
                String text = "message " + given;
                if (sizeBytes == 0) {
                    return text;
                }
                return text.length() >= sizeBytes
                        ? text.substring(0, sizeBytes)
                        : text + " " + filling.substring(text.length() + 1);
            }
        };
    }

    /** The lines of a stream in UTF-8; bytes that are not end it with an exception, for nothing is sent altered. */
    static SendSource lines(InputStream in) {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        BufferedReader reader = new BufferedReader(new InputStreamReader(in, decoder));
        return new SendSource() {
            private long given;

            @Override
            public @Nullable String next() throws IOException {
                try {
                    given++;
                    return reader.readLine();
                } catch (CharacterCodingException e) {
                    throw new IOException(
                            "the input is not UTF-8, at line " + given
                                    + " or soon after; nothing from there on is sent",
                            e);
                }
            }
        };
    }
}
