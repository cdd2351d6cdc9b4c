package io.millrace.protocol.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.protocol.ErrorCode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RecordBatchTest {
    @Test
    void writesBatchesThatKafkaReads() {
        ByteBuf out = Unpooled.buffer();
        int size = RecordBatchWriter.write(
                out,
                7,
                (short) 1,
                42,
                List.of(record("one", 1000, 0x04), record("two", 1005, 0x00), record("three", 990, 0x01)));

        MemoryRecords records = MemoryRecords.readableRecords(out.nioBuffer(0, size));
        records.batches().forEach(batch -> {
            batch.ensureValid();
            assertThat(batch.producerId()).isEqualTo(7);
            assertThat(batch.baseSequence()).isEqualTo(42);
            assertThat(batch.lastSequence()).isEqualTo(44);
            assertThat(batch.maxTimestamp()).isEqualTo(1005);
        });
        List<String> values = new ArrayList<>();
        List<String> summaries = new ArrayList<>();
        for (Record record : records.records()) {
            values.add(StandardCharsets.UTF_8.decode(record.value()) + "@" + record.timestamp());
            summaries.add(new String(record.headers()[0].value(), StandardCharsets.UTF_8));
        }
        assertThat(values).containsExactly("one@1000", "two@1005", "three@990");
        assertThat(summaries).containsExactly("1T05", "1T00", "1T00");
    }

    @Test
    void seesWhatKafkaWrote() {
        ByteBuffer bytes = kafkaBatch(CompressionType.NONE);
        RecordBatch batch = new RecordBatch(bytes, 0);
        batch.validate(bytes.limit());
        assertThat(batch.count()).isEqualTo(2);
        assertThat(batch.producerId()).isEqualTo(9);
        assertThat(batch.baseSequence()).isEqualTo(5);
        batch.assign(100, 3);
        batch.stampAppendTime(777);
        batch.validate(bytes.limit());
        MemoryRecords records = MemoryRecords.readableRecords(bytes);
        assertThat(records.records()).extracting(Record::offset).containsExactly(100L, 101L);
        assertThat(records.records()).extracting(Record::timestamp).containsExactly(777L, 777L);
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void readsTheRecordsOfEveryCodec(CompressionType codec) {
        ByteBuffer bytes = kafkaBatch(codec);
        RecordReader reader = new RecordReader(Codecs.records(new RecordBatch(bytes, 0), 1 << 20));
        assertThat(reader.next()).isTrue();
        assertThat(StandardCharsets.UTF_8.decode(reader.value()).toString()).startsWith("value one");
        assertThat(reader.key()).isNull();
        assertThat(reader.next()).isTrue();
        assertThat(reader.offsetDelta()).isEqualTo(1);
        RecordReader.Headers headers = reader.headers();
        assertThat(headers.next()).isTrue();
        assertThat(headers.keyIs("h".getBytes(StandardCharsets.UTF_8))).isTrue();
        assertThat(headers.next()).isFalse();
        assertThat(reader.next()).isFalse();
    }

    @Test
    void refusesRecordsThatGrowPastTheLimit() {
        RecordBatch batch = new RecordBatch(kafkaBatch(CompressionType.GZIP), 0);
        assertThatThrownBy(() -> Codecs.records(batch, 1000))
                .isInstanceOfSatisfying(
                        InvalidBatchException.class, e -> assertThat(e.error()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE));
    }

    @Test
    void everyFlippedBitBehindTheEpochIsSeen() {
        ByteBuffer bytes = kafkaBatch(CompressionType.NONE);
        for (int bit = 16 * 8; bit < 200 * 8; bit++) {
            ByteBuffer copy =
                    ByteBuffer.allocate(bytes.limit()).put(bytes.duplicate().rewind());
            copy.put(bit / 8, (byte) (copy.get(bit / 8) ^ (1 << (bit % 8))));
            assertThatThrownBy(() -> new RecordBatch(copy, 0).validate(copy.limit()))
                    .as("bit %d", bit)
                    .isInstanceOf(InvalidBatchException.class);
        }
    }

    @Test
    void everyCutRecordIsSeen() {
        ByteBuffer records = new RecordBatch(kafkaBatch(CompressionType.NONE), 0).recordBytes();
        for (int length = 1; length < records.limit(); length++) {
            RecordReader reader = new RecordReader(records.slice(0, length));
            assertThatThrownBy(() -> {
                        while (reader.next()) {
                            RecordReader.Headers headers = reader.headers();
                            while (headers.next()) {
                                headers.key();
                            }
                        }
                        throw new InvalidBatchException(ErrorCode.NONE, "whole records only");
                    })
                    .isInstanceOf(InvalidBatchException.class);
        }
    }

    private static ByteBuffer kafkaBatch(CompressionType codec) {
        MemoryRecords records = MemoryRecords.withIdempotentRecords(
                Compression.of(codec).build(),
                9,
                (short) 0,
                5,
                new SimpleRecord(10, null, ("value one" + "-".repeat(5000)).getBytes(StandardCharsets.UTF_8)),
                new SimpleRecord(12, "k".getBytes(StandardCharsets.UTF_8), null, new RecordHeader[] {
                    new RecordHeader("h", new byte[] {1})
                }));
        return records.buffer();
    }

    private static EncodedRecord record(String value, long timestampMs, int summary) {
        ByteBuf body = Unpooled.buffer();
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        Varints.write(body, -1);
        Varints.write(body, bytes.length);
        body.writeBytes(bytes);
        Varints.write(body, 1);
        Varints.write(body, 1);
        body.writeByte('t');
        Varints.write(body, 4);
        int at = body.writerIndex() + 2;
        body.writeBytes("1T00".getBytes(StandardCharsets.UTF_8));
        return new EncodedRecord(body, timestampMs, at, summary);
    }
}
