package io.millrace.protocol.record;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over plain records of format v2: {@link #next()} steps, the other methods speak of the record it stands on.
 * It looks at no more than it is asked for. Not for several threads.
 */
public final class RecordReader {
    private static final int NULL_LENGTH = -1;

    private final ByteBuffer in;
    private int bodyPosition;
    private int bodyEnd;
    private long timestampDelta;
    private int offsetDelta;
    private int keyPosition;
    private int keyLength;
    private int valuePosition;
    private int valueLength;
    private int headersPosition;

    /** A reader of records, each with its length, between the buffer's position and limit; the buffer is then its own. */
    public RecordReader(ByteBuffer records) {
        this.in = records;
        this.bodyEnd = records.position();
    }

    /** A reader that stands on a single record without its length, as {@code DeliveredMessages} holds it. */
    public static RecordReader ofBody(ByteBuffer body) {
        RecordReader reader = new RecordReader(body);
        reader.bodyPosition = body.position();
        reader.bodyEnd = body.limit();
        reader.parse();
        return reader;
    }

    /**
     * Steps to the next record.
     *
     * @return false at the end
     * @throws InvalidBatchException if the bytes there are no record
     */
    public boolean next() {
        if (bodyEnd >= in.limit()) {
            return false;
        }
        in.position(bodyEnd);
        int length = Varints.readInt(in);
        if (length < 0 || length > in.remaining()) {
            throw Varints.malformed("a record of length " + length + " with " + in.remaining() + " bytes left");
        }
        bodyPosition = in.position();
        bodyEnd = bodyPosition + length;
        parse();
        return true;
    }

    /** The record's offset less its batch's base offset. */
    public int offsetDelta() {
        return offsetDelta;
    }

    /** The record's timestamp less its batch's base timestamp, in ms. */
    public long timestampDelta() {
        return timestampDelta;
    }

    /** The record without its length: a view. */
    public ByteBuffer body() {
        return in.slice(bodyPosition, bodyEnd - bodyPosition);
    }

    /** The key, or null: a view. */
    public @Nullable ByteBuffer key() {
        return keyLength == NULL_LENGTH ? null : in.slice(keyPosition, keyLength);
    }

    /** The value, or null: a view. */
    public @Nullable ByteBuffer value() {
        return valueLength == NULL_LENGTH ? null : in.slice(valuePosition, valueLength);
    }

    /** A cursor over the record's headers. It does not move the reader. */
    public Headers headers() {
        return new Headers(in.slice(headersPosition, bodyEnd - headersPosition));
    }

    private void parse() {
        ByteBuffer view = in;
        int limit = view.limit();
        view.limit(bodyEnd).position(bodyPosition);
        try {
            if (!view.hasRemaining()) {
                throw Varints.malformed("a record without attributes");
            }
            view.get();
            timestampDelta = Varints.readLong(view);
            offsetDelta = Varints.readInt(view);
            keyLength = length(view);
            keyPosition = view.position();
            skip(view, keyLength);
            valueLength = length(view);
            valuePosition = view.position();
            skip(view, valueLength);
            headersPosition = view.position();
        } finally {
            view.limit(limit);
        }
    }

    private static int length(ByteBuffer in) {
        int length = Varints.readInt(in);
        if (length < NULL_LENGTH || length > in.remaining()) {
            throw Varints.malformed("a field of length " + length + " with " + in.remaining() + " bytes left");
        }
        return length;
    }

    private static void skip(ByteBuffer in, int length) {
        if (length > 0) {
            in.position(in.position() + length);
        }
    }

    /** A cursor over the headers of one record. */
    public static final class Headers {
        private final ByteBuffer in;
        private int left;
        private int keyPosition;
        private int keyLength;
        private int valuePosition;
        private int valueLength;

        private Headers(ByteBuffer in) {
            this.in = in;
            this.left = Varints.readInt(in);
            if (left < 0) {
                throw Varints.malformed("a record with " + left + " headers");
            }
        }

        /** How many headers are still to come. */
        public int left() {
            return left;
        }

        /**
         * Steps to the next header.
         *
         * @return false at the end
         */
        public boolean next() {
            if (left == 0) {
                return false;
            }
            left--;
            keyLength = length(in);
            if (keyLength < 0) {
                throw Varints.malformed("a header without a key");
            }
            keyPosition = in.position();
            skip(in, keyLength);
            valueLength = length(in);
            valuePosition = in.position();
            skip(in, valueLength);
            return true;
        }

        /** Whether the header's key is this, in ASCII or UTF-8. */
        public boolean keyIs(byte[] key) {
            if (keyLength != key.length) {
                return false;
            }
            for (int i = 0; i < key.length; i++) {
                if (in.get(keyPosition + i) != key[i]) {
                    return false;
                }
            }
            return true;
        }

        /** The key's bytes, UTF-8: a view. */
        public ByteBuffer key() {
            return in.slice(keyPosition, keyLength);
        }

        /** The value, or null: a view. */
        public @Nullable ByteBuffer value() {
            return valueLength == NULL_LENGTH ? null : in.slice(valuePosition, valueLength);
        }
    }
}
