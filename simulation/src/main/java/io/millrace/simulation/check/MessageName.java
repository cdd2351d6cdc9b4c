package io.millrace.simulation.check;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Names a message: whose it is, and which of theirs, from 1 on. The body of a message says its name, and the rest of it follows from the
 * name, so that a body shows by itself whether it is what was sent.
 */
public record MessageName(String producer, int number) implements Comparable<MessageName> {
    private static final char END = '|';

    /** The message's body. It has at least as many bytes as its name needs. */
    public byte[] body(int lengthBytes) {
        byte[] head = (producer + "#" + number + END).getBytes(StandardCharsets.US_ASCII);
        byte[] body = Arrays.copyOf(head, Math.max(head.length, lengthBytes));
        SplittableRandom filler = new SplittableRandom(producer.hashCode() * 31L + number);
        for (int i = head.length; i < body.length; i++) {
            body[i] = (byte) filler.nextInt();
        }
        return body;
    }

    /** The name that a body says, or null if the body is not what a message of that name has. */
    public static @Nullable MessageName of(ByteBuffer body) {
        byte[] bytes = new byte[body.remaining()];
        body.duplicate().get(bytes);
        int end = indexOf(bytes, END);
        int mark = indexOf(bytes, '#');
        if (mark < 0 || end < mark) {
            return null;
        }
        String producer = new String(bytes, 0, mark, StandardCharsets.US_ASCII);
        String number = new String(bytes, mark + 1, end - mark - 1, StandardCharsets.US_ASCII);
        if (number.isEmpty() || number.length() > 9 || !number.chars().allMatch(Character::isDigit)) {
            return null;
        }
        MessageName name = new MessageName(producer, Integer.parseInt(number));
        return Arrays.equals(name.body(bytes.length), bytes) ? name : null;
    }

    @Override
    public int compareTo(MessageName other) {
        int byProducer = producer.compareTo(other.producer);
        return byProducer != 0 ? byProducer : Integer.compare(number, other.number);
    }

    @Override
    public String toString() {
        return producer + "#" + number;
    }

    private static int indexOf(byte[] bytes, char wanted) {
        for (int i = 0; i < bytes.length && i < 64; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        return -1;
    }
}
