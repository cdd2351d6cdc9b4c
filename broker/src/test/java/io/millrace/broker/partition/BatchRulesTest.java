package io.millrace.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.log.TimestampOffset;
import io.millrace.protocol.ErrorCode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.compress.Lz4BlockOutputStream;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a producer sends is appended or refused; nothing of it stops the partition. */
final class BatchRulesTest {
    private static final int LENGTH_AT = 8;
    private static final int CRC_AT = 17;
    private static final int ATTRIBUTES_AT = 21;
    private static final int MAX_TIMESTAMP_AT = 35;
    private static final int HEADER_BYTES = 61;
    private static final int SNAPPY_HEADER_BYTES = 16;
    private static final int LZ4 = 3;

    private final PartitionFixture partition = PartitionFixture.of(PartitionConfig.ofKafkaTopic());

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void refusesBatchesThatAreCutAnywhere(CompressionType codec) {
        // Given
        byte[] whole = batch(codec);
        for (int length = HEADER_BYTES; length < whole.length; length++) {
            // When
            Answer<AppendResult> answer = append(sealed(Arrays.copyOf(whole, length)));
            // Then
            assertThat(answer.isAnswered() && !answer.isSuccess())
                    .as("%s cut to %s of %s bytes is refused", codec, length, whole.length)
                    .isTrue();
            assertThat(partition.stopped).as("%s cut to %s", codec, length).isNull();
        }
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void survivesBatchesThatAreChangedAnywhere(CompressionType codec) {
        // Given
        byte[] whole = batch(codec);
        Random random = new Random(codec.id);
        for (int round = 0; round < 2000; round++) {
            byte[] changed = whole.clone();
            for (int i = random.nextInt(4); i >= 0; i--) {
                int at = HEADER_BYTES + random.nextInt(round % 2 == 0 ? 40 : whole.length - HEADER_BYTES);
                changed[at] = random.nextBoolean() ? (byte) random.nextInt() : (byte) (0x80 >> random.nextInt(8));
            }
            // When
            Answer<AppendResult> answer = append(sealed(changed));
            // Then
            assertThat(answer.isAnswered()).as("%s round %s", codec, round).isTrue();
            assertThat(partition.stopped).as("%s round %s", codec, round).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, -5, Integer.MIN_VALUE, Integer.MAX_VALUE, 400_000_000})
    void refusesSnappyChunksOfImpossibleLength(int length) {
        // Given
        byte[] batch = batch(CompressionType.SNAPPY);
        ByteBuffer.wrap(batch).putInt(HEADER_BYTES + SNAPPY_HEADER_BYTES, length);
        // When, then
        assertRefused(sealed(batch), ErrorCode.CORRUPT_MESSAGE);
    }

    @Test
    void refusesSnappyChunksThatSayTheyAreHuge() {
        // Given
        byte[] batch = batch(CompressionType.SNAPPY);
        byte[] huge = {-1, -1, -1, -1, 7};
        System.arraycopy(huge, 0, batch, HEADER_BYTES + SNAPPY_HEADER_BYTES + Integer.BYTES, huge.length);
        // When, then
        assertRefused(sealed(batch), ErrorCode.MESSAGE_TOO_LARGE);
    }

    @Test
    void refusesLz4ThatEndsBeforeABlocksChecksum() throws IOException {
        // Given
        byte[] plain = batch(CompressionType.NONE);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(plain, 0, HEADER_BYTES);
        try (Lz4BlockOutputStream compressed = new Lz4BlockOutputStream(out, 4, 9, true, false)) {
            compressed.write(plain, HEADER_BYTES, plain.length - HEADER_BYTES);
        }
        byte[] whole = out.toByteArray();
        whole[ATTRIBUTES_AT + 1] |= LZ4;
        assertThat(append(sealed(whole.clone())).isSuccess()).isTrue();
        for (int cut = 1; cut < whole.length - HEADER_BYTES; cut++) {
            // When, then
            assertRefused(sealed(Arrays.copyOf(whole, whole.length - cut)), ErrorCode.CORRUPT_MESSAGE);
        }
    }

    @Test
    void refusesSeveralBatchesAtOnce() {
        // Given
        ByteBuf two = Unpooled.wrappedBuffer(batch(CompressionType.NONE), batch(CompressionType.NONE))
                .copy();
        // When, then
        assertRefused(two, ErrorCode.INVALID_RECORD);
        assertThat(partition.messages().logEndOffset()).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE, -1, 1})
    void findsTheLargestTimestampItself(long claimedMs) {
        // Given
        byte[] batch = batch(CompressionType.NONE);
        ByteBuffer.wrap(batch).putLong(MAX_TIMESTAMP_AT, claimedMs);
        // When
        assertThat(append(sealed(batch)).isSuccess()).isTrue();
        // Then
        TimestampOffset largest = partition.messages().largestTimestamp(0, Long.MAX_VALUE);
        assertThat(largest.maxTimestampMs()).isEqualTo(6_000);
    }

    @Test
    void refusesTimestampsFarAheadOfTheClock() {
        long allowedMs = partition.nowMs + BatchRules.MAX_AHEAD_MS;
        assertThat(append(Unpooled.wrappedBuffer(batch(CompressionType.GZIP, allowedMs)))
                        .isSuccess())
                .isTrue();
        assertRefused(Unpooled.wrappedBuffer(batch(CompressionType.GZIP, allowedMs + 1)), ErrorCode.INVALID_TIMESTAMP);
        assertRefused(Unpooled.wrappedBuffer(batch(CompressionType.NONE, Long.MAX_VALUE)), ErrorCode.INVALID_TIMESTAMP);
    }

    private void assertRefused(ByteBuf batch, ErrorCode expected) {
        Answer<AppendResult> answer = append(batch);
        assertThat(partition.stopped).isNull();
        assertThat(answer.error()).as(answer.message()).isEqualTo(expected);
    }

    private Answer<AppendResult> append(ByteBuf batch) {
        Answer<AppendResult> answer = new Answer<>();
        partition.partition().onAppend(new Append(batch, true, Append.Source.PRODUCE), answer, partition.nowMs);
        partition.settleDown();
        return answer;
    }

    private static byte[] batch(CompressionType codec) {
        return batch(codec, 6_000);
    }

    private static byte[] batch(CompressionType codec, long largestMs) {
        List<SimpleRecord> records = new ArrayList<>();
        Random random = new Random(5);
        for (int i = 0; i < 20; i++) {
            byte[] value = new byte[30];
            random.nextBytes(value);
            records.add(new SimpleRecord(i == 7 ? largestMs : 5_000 + i, ("key " + i).getBytes(), value));
        }
        ByteBuffer bytes = MemoryRecords.withRecords(
                        Compression.of(codec).build(), records.toArray(new SimpleRecord[0]))
                .buffer();
        byte[] array = new byte[bytes.remaining()];
        bytes.get(array);
        return array;
    }

    /** With the length and the CRC that belong to the bytes. */
    private static ByteBuf sealed(byte[] batch) {
        ByteBuffer buffer = ByteBuffer.wrap(batch);
        buffer.putInt(LENGTH_AT, batch.length - LENGTH_AT - Integer.BYTES);
        CRC32C crc = new CRC32C();
        crc.update(batch, ATTRIBUTES_AT, batch.length - ATTRIBUTES_AT);
        buffer.putInt(CRC_AT, (int) crc.getValue());
        return Unpooled.wrappedBuffer(batch);
    }
}
