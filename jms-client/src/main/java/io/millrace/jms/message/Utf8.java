package io.millrace.jms.message;

import jakarta.jms.MessageFormatException;
import java.nio.charset.StandardCharsets;

/** Texts on their way into a record: UTF-8, or refused where UTF-8 has no form for them, for nothing is sent altered. */
final class Utf8 {
    private Utf8() {}

    static byte[] encode(String text) throws MessageFormatException {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                checkPairs(text, i);
                break;
            }
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void checkPairs(String text, int from) throws MessageFormatException {
        int i = from;
        while (i < text.length()) {
            int point = text.codePointAt(i);
            if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
                throw new MessageFormatException("half of a surrogate pair at index " + i
                        + " of a text: UTF-8 has no form for it, and nothing is sent altered");
            }
            i += Character.charCount(point);
        }
    }
}
