package io.millrace.broker.log;

import io.millrace.protocol.record.RecordBatch;
import java.nio.ByteBuffer;
import java.util.Random;

/** Makes record batches whose records are noise: logs do not look into them. */
public final class Batches {
    private Batches() {}

    public static RecordBatch batch(int records, int bodyBytes, long timestampMs, long seed) {
        return batch(records, bodyBytes, timestampMs, seed, -1, (short) -1, -1);
    }

    public static RecordBatch batch(
            int records, int bodyBytes, long timestampMs, long seed, long producerId, short epoch, int sequence) {
        ByteBuffer buffer = ByteBuffer.allocate(RecordBatch.HEADER_BYTES + bodyBytes);
        byte[] body = new byte[bodyBytes];
        new Random(seed).nextBytes(body);
        buffer.putInt(8, buffer.capacity() - RecordBatch.LENGTH_OVERHEAD_BYTES)
                .put(16, RecordBatch.MAGIC)
                .putInt(23, records - 1)
                .putLong(27, timestampMs)
                .putLong(35, timestampMs)
                .putLong(43, producerId)
                .putShort(51, epoch)
                .putInt(53, sequence)
                .putInt(57, records)
                .put(RecordBatch.HEADER_BYTES, body);
        RecordBatch batch = new RecordBatch(buffer, 0);
        buffer.putInt(17, batch.computeCrc());
        return batch;
    }
}
