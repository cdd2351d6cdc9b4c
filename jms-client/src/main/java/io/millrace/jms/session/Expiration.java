package io.millrace.jms.session;

import io.millrace.jms.engine.Delivery;
import io.millrace.protocol.MessageHeaders;
import io.millrace.protocol.record.InvalidBatchException;
import io.millrace.protocol.record.RecordReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Finds out whether a message expired while it lay in the buffer, without decoding it (Jakarta Messaging 3.1, 3.4.9). */
final class Expiration {
    private static final byte[] KEY = MessageHeaders.EXPIRATION.getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TYPES = MessageHeaders.TYPES.getBytes(StandardCharsets.US_ASCII);

    private Expiration() {}

    static boolean isOver(Delivery delivery) {
        try {
            RecordReader.Headers headers =
                    RecordReader.ofBody(ByteBuffer.wrap(delivery.record())).headers();
            // Only JMS producers' records have the types header, and only they expire.
            if (!headers.next() || !headers.keyIs(TYPES)) {
                return false;
            }
            while (headers.next()) {
                if (headers.keyIs(KEY)) {
                    ByteBuffer value = headers.value();
                    return value != null && isPast(value);
                }
            }
            return false;
        } catch (InvalidBatchException | NumberFormatException e) {
            // Decoding will say what is wrong with it.
            return false;
        }
    }

    private static boolean isPast(ByteBuffer value) {
        long expirationMs =
                Long.parseLong(StandardCharsets.US_ASCII.decode(value).toString());
        return expirationMs > 0 && expirationMs <= System.currentTimeMillis();
    }
}
