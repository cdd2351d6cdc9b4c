package io.millrace.protocol.record;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.zip.CRC32C;

/** Writes uncompressed record batches of format v2 into a buffer. */
public final class RecordBatchWriter {
    private static final int CRC_AT = 17;
    private static final int ATTRIBUTES_AT = 21;
    private static final byte[] HEX = "0123456789abcdef".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    private RecordBatchWriter() {}

    /**
     * Appends one batch. The records' bodies are neither moved nor released; the first one's summary digits are set to
     * what the whole batch uses.
     *
     * @param producerId the producer's id, or {@link RecordBatch#NO_PRODUCER_ID} with epoch and sequence -1
     * @param records at least one
     * @return the batch's size in bytes
     */
    public static int write(
            ByteBuf out, long producerId, short producerEpoch, int baseSequence, List<EncodedRecord> records) {
        int start = out.writerIndex();
        long baseTimestampMs = records.get(0).timestampMs();
        long maxTimestampMs = baseTimestampMs;
        int summary = 0;
        for (EncodedRecord record : records) {
            maxTimestampMs = Math.max(maxTimestampMs, record.timestampMs());
            summary |= record.summaryBits();
        }
        out.writeLong(0);
        out.writeInt(0);
        out.writeInt(-1);
        out.writeByte(RecordBatch.MAGIC);
        out.writeInt(0);
        out.writeShort(0);
        out.writeInt(records.size() - 1);
        out.writeLong(baseTimestampMs);
        out.writeLong(maxTimestampMs);
        out.writeLong(producerId);
        out.writeShort(producerEpoch);
        out.writeInt(baseSequence);
        out.writeInt(records.size());
        for (int i = 0; i < records.size(); i++) {
            writeRecord(out, i, records.get(i), baseTimestampMs, i == 0 ? summary : 0);
        }
        int size = out.writerIndex() - start;
        out.setInt(start + 8, size - RecordBatch.LENGTH_OVERHEAD_BYTES);
        CRC32C crc = new CRC32C();
        crc.update(out.nioBuffer(start + ATTRIBUTES_AT, size - ATTRIBUTES_AT));
        out.setInt(start + CRC_AT, (int) crc.getValue());
        return size;
    }

    private static void writeRecord(
            ByteBuf out, int offsetDelta, EncodedRecord record, long baseTimestampMs, int summary) {
        ByteBuf body = record.body();
        long timestampDelta = record.timestampMs() - baseTimestampMs;
        int bodyLength = body.readableBytes();
        Varints.write(out, 1 + Varints.sizeOf(timestampDelta) + Varints.sizeOf(offsetDelta) + bodyLength);
        out.writeByte(0);
        Varints.write(out, timestampDelta);
        Varints.write(out, offsetDelta);
        int at = out.writerIndex();
        out.writeBytes(body, body.readerIndex(), bodyLength);
        if (record.summaryIndex() >= 0) {
            out.setByte(at + record.summaryIndex(), HEX[(summary >> 4) & 0xf]);
            out.setByte(at + record.summaryIndex() + 1, HEX[summary & 0xf]);
        }
    }
}
