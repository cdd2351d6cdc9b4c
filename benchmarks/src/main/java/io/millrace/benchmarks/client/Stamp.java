package io.millrace.benchmarks.client;

import java.nio.ByteBuffer;

/** The first bytes of every message: who sent it, its number there, counted from 0, and when, by System.nanoTime. */
record Stamp(int producer, long sequence, long sentNs) {
    static final int LENGTH_BYTES = Integer.BYTES + 2 * Long.BYTES;

    static Stamp read(byte[] body) {
        ByteBuffer buffer = ByteBuffer.wrap(body, 0, LENGTH_BYTES);
        return new Stamp(buffer.getInt(), buffer.getLong(), buffer.getLong());
    }

    void write(byte[] body) {
        ByteBuffer.wrap(body, 0, LENGTH_BYTES)
                .putInt(producer)
                .putLong(sequence)
                .putLong(sentNs);
    }

    /** A body of a given size whose rest does not compress. */
    static byte[] newBody(int sizeBytes) {
        if (sizeBytes < LENGTH_BYTES) {
            throw new IllegalArgumentException(
                    "a message of " + sizeBytes + " bytes has no room for a stamp of " + LENGTH_BYTES);
        }
        byte[] body = new byte[sizeBytes];
        long state = 0x9E3779B97F4A7C15L;
        for (int i = 0; i < body.length; i++) {
            state ^= state << 13;
            state ^= state >>> 7;
            state ^= state << 17;
            body[i] = (byte) state;
        }
        return body;
    }
}
