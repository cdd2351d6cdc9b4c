package io.millrace.broker.delivery;

import io.millrace.protocol.MessageHeaders;
import io.millrace.protocol.record.InvalidBatchException;
import io.millrace.protocol.record.RecordReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What record headers say that the broker must know: a batch's summary, a message's expiration. */
public final class MessageSummary {
    /** A batch that no JMS producer made says nothing: each of its messages must be looked at. */
    public static final int UNKNOWN = -1;

    private static final byte[] TYPES = MessageHeaders.TYPES.getBytes(StandardCharsets.US_ASCII);
    private static final byte[] EXPIRATION = MessageHeaders.EXPIRATION.getBytes(StandardCharsets.US_ASCII);
    /** Where the summary digits stand in the types header. */
    private static final int DIGITS_AT = 2;

    private static final int MAX_DECIMAL_DIGITS = 18;

    private MessageSummary() {}

    /** The bits of {@link MessageHeaders} that a batch uses, by the first of its plain records, or {@link #UNKNOWN}. */
    public static int ofBatch(ByteBuffer records) {
        try {
            RecordReader first = new RecordReader(records.duplicate());
            if (!first.next()) {
                return 0;
            }
            RecordReader.Headers headers = first.headers();
            return headers.next() && headers.keyIs(TYPES) ? digits(headers.value()) : UNKNOWN;
        } catch (InvalidBatchException e) {
            return UNKNOWN;
        }
    }

    /** When a record without its length expires, in ms since the epoch, or 0 for never. Odd headers of a producer mean never. */
    static long expirationMs(ByteBuffer record) {
        try {
            RecordReader.Headers headers = RecordReader.ofBody(record).headers();
            while (headers.next()) {
                if (headers.keyIs(EXPIRATION)) {
                    return decimal(headers.value());
                }
            }
        } catch (InvalidBatchException e) {
            return 0;
        }
        return 0;
    }

    private static int digits(@Nullable ByteBuffer types) {
        if (types == null || types.remaining() < DIGITS_AT + 2) {
            return UNKNOWN;
        }
        int high = Character.digit(types.get(DIGITS_AT), 16);
        int low = Character.digit(types.get(DIGITS_AT + 1), 16);
        return high < 0 || low < 0 ? UNKNOWN : high << 4 | low;
    }

    private static long decimal(@Nullable ByteBuffer text) {
        if (text == null || text.remaining() > MAX_DECIMAL_DIGITS) {
            return 0;
        }
        long value = 0;
        for (int i = 0; i < text.remaining(); i++) {
            int digit = Character.digit(text.get(i), 10);
            if (digit < 0) {
                return 0;
            }
            value = value * 10 + digit;
        }
        return value;
    }
}
