package io.millrace.broker.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.format.Formats;
import io.millrace.broker.format.Structure;
import io.millrace.protocol.record.RecordBatch;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class DeliveryCodecTest {
    private static final List<DeliveryRecord> EVERY_KIND = List.of(
            new DeliveryRecord.OpenSubscription(
                    3, SubscriptionKey.durable("client", "näme"), 7, "a > 1", true, "guest@host"),
            new DeliveryRecord.CloseSubscription(3, null),
            new DeliveryRecord.Settle(List.of(
                    new DeliveryRecord.Settle.Entry(0, 4, Outcome.ACCEPT, Reason.CLIENT, 0, new long[] {5, 9, 20, 20}),
                    new DeliveryRecord.Settle.Entry(
                            3, 0, Outcome.FAIL, Reason.CONNECTION_LOST, 2, new long[] {1L << 40, (1L << 40) + 3, 2, 2
                            }))),
            new DeliveryRecord.DispatchMark(0, 4096, 17),
            new DeliveryRecord.Epoch(12),
            new DeliveryRecord.State(10, 20, 1, 3, new byte[] {1, 2, 3}),
            new DeliveryRecord.Attach(4, 0, new UUID(1, 2), 9, null, "guest", "host:1234"),
            new DeliveryRecord.Detach(4, Reason.DETACHED));

    @Test
    void readsWhatItWrote() {
        // Given
        ByteBuffer bytes = encoded();
        // When
        DeliveryBatch batch = DeliveryBatchCodec.decode(new RecordBatch(bytes, 0));
        // Then
        assertThat(batch.baseOffset()).isEqualTo(100);
        assertThat(batch.nextOffset()).isEqualTo(108);
        assertThat(batch.timestampMs()).isEqualTo(1234);
        assertThat(batch.messageLogEnd()).isEqualTo(77);
        assertThat(batch.records())
                .usingRecursiveFieldByFieldElementComparator()
                .containsExactlyElementsOf(EVERY_KIND);
    }

    @Test
    void writesAValidRecordBatch() {
        // When
        ByteBuffer bytes = encoded();
        // Then
        assertThatCode(() -> new RecordBatch(bytes, 0).validate(bytes.limit())).doesNotThrowAnyException();
    }

    @Test
    void refusesANewerVersionByName() {
        // Given
        ByteBuf encoded = DeliveryBatchCodec.encode(0, 0, List.of(new DeliveryRecord.Epoch(1)));
        int valueAt = RecordBatch.HEADER_BYTES + 6;
        assertThat(encoded.getShort(valueAt)).isEqualTo(Formats.ofBuild().newest(Structure.DELIVERY_RECORD));
        encoded.setShort(valueAt, 9);
        // When
        assertThatThrownBy(() -> DeliveryBatchCodec.decode(new RecordBatch(encoded.nioBuffer(), 0)))
                // Then
                .isInstanceOf(DeliveryFormatException.class)
                .hasMessageContaining("version 9")
                .hasMessageContaining("newer build");
    }

    @Test
    void damagedBytesNeverDoMoreThanBeRefused() {
        byte[] good = bytesOf(encoded());
        for (int seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            byte[] bad = good.clone();
            for (int i = 0; i <= random.nextInt(3); i++) {
                bad[RecordBatch.HEADER_BYTES + random.nextInt(bad.length - RecordBatch.HEADER_BYTES)] =
                        (byte) random.nextInt();
            }
            try {
                DeliveryBatchCodec.decode(new RecordBatch(ByteBuffer.wrap(bad), 0));
            } catch (DeliveryFormatException e) {
                assertThat(e).hasMessageNotContaining("null");
            }
        }
    }

    @Test
    void aSnapshotGivesTheSameStateAndTheSameBytes() {
        for (int seed = 0; seed < 200; seed++) {
            // Given
            DeliveryState state = randomState(new Random(seed));
            byte[] bytes = DeliveryStateCodec.encode(state);
            // When
            DeliveryState restored = DeliveryStateCodec.decode(ByteBuffer.wrap(bytes));
            // Then
            assertThat(DeliveryStateCodec.encode(restored)).isEqualTo(bytes);
            assertThat(restored).usingRecursiveComparison().isEqualTo(state);
        }
    }

    @Test
    void damagedSnapshotsNeverDoMoreThanBeRefused() {
        byte[] good = DeliveryStateCodec.encode(randomState(new Random(4)));
        for (int seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            byte[] bad = Arrays.copyOf(good, random.nextBoolean() ? good.length : random.nextInt(good.length));
            if (bad.length > 0) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            }
            try {
                DeliveryStateCodec.decode(ByteBuffer.wrap(bad));
            } catch (DeliveryFormatException e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
        }
    }

    @Test
    void scatteredSettlementsTakeABitEach() {
        // Given
        DeliveryState state = DeliveryState.empty(true);
        SubscriptionState queue = state.find(SubscriptionKey.QUEUE);
        for (long offset = 1; offset < 1_000_000; offset += 2) {
            queue.applyFinal(offset, offset);
        }
        // When
        byte[] bytes = DeliveryStateCodec.encode(state);
        // Then
        assertThat(bytes.length).isLessThan(140_000);
        assertThat(DeliveryStateCodec.encode(DeliveryStateCodec.decode(ByteBuffer.wrap(bytes))))
                .isEqualTo(bytes);
    }

    private static DeliveryState randomState(Random random) {
        DeliveryState state = DeliveryState.empty(random.nextBoolean());
        long end = 0;
        for (int i = 0; i < 30; i++) {
            end += 1 + random.nextInt(50);
            state.applyMessages(end);
            int subscription = random.nextInt(3);
            long first = random.nextInt((int) end);
            long last = first + random.nextInt(20);
            Outcome outcome = Outcome.values()[random.nextInt(Outcome.values().length)];
            DeliveryRecord made =
                    switch (random.nextInt(6)) {
                        case 0 ->
                            new DeliveryRecord.OpenSubscription(
                                    1 + random.nextInt(2), SubscriptionKey.durable("c", "s" + i), i, null, false, null);
                        case 1 -> new DeliveryRecord.Epoch(i);
                        case 2 -> new DeliveryRecord.DispatchMark(subscription, end, first);
                        default ->
                            new DeliveryRecord.Settle(List.of(new DeliveryRecord.Settle.Entry(
                                    subscription, 0, outcome, Reason.CLIENT, 1 + i % 3, new long[] {first, last})));
                    };
            state.apply(new DeliveryBatch(i, i, end - random.nextInt(2), List.of(made)));
        }
        return state;
    }

    private static ByteBuffer encoded() {
        ByteBuf buffer = DeliveryBatchCodec.encode(1234, 77, EVERY_KIND);
        ByteBuffer bytes = buffer.nioBuffer();
        new RecordBatch(bytes, 0).assign(100, 3);
        return bytes;
    }

    private static byte[] bytesOf(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
