package io.millrace.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.delivery.DeliveryBatchCodec;
import io.millrace.broker.delivery.DeliveryRecord;
import io.millrace.broker.delivery.SubscriptionKey;
import io.millrace.broker.log.Log;
import io.millrace.broker.log.LogConfig;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a partition keeps, what it lets go, and how it is found. */
final class KeptLogTest {
    private static final LogConfig SHORT = new LogConfig(1 << 20, 1 << 30, 512, 5_000, -1, 1 << 30, true);

    @Test
    void findsByTimeOnlyWhatIsStillThere() {
        // Given
        PartitionFixture broker = PartitionFixture.topic();
        for (int i = 0; i < 5; i++) {
            broker.nowMs = 1_000_000 + i * 1000L;
            broker.send("m" + i);
        }
        broker.settleDown();
        // When
        broker.messages().deleteBefore(3);
        OffsetResult any = list(broker, 0);
        OffsetResult largest = list(broker, -3);
        broker.messages().deleteBefore(5);
        OffsetResult none = list(broker, 0);
        OffsetResult noLargest = list(broker, -3);
        // Then
        assertThat(broker.stopped).isNull();
        assertThat(any).isEqualTo(new OffsetResult(ErrorCode.NONE, 3, 1_003_000, 0));
        assertThat(largest).isEqualTo(new OffsetResult(ErrorCode.NONE, 4, 1_004_000, 0));
        assertThat(none).isEqualTo(new OffsetResult(ErrorCode.NONE, -1, -1, -1));
        assertThat(noLargest).isEqualTo(new OffsetResult(ErrorCode.NONE, -1, -1, -1));
    }

    @Test
    void findsByTimeInABatchThatTheLogStartsIn() {
        // Given
        PartitionFixture broker = PartitionFixture.of(PartitionConfig.ofKafkaTopic());
        broker.append(Messages.ofKafka("a", "b", "c").at(7_000, 6_000, 5_000), true);
        broker.append(Messages.ofKafka("d", "e").at(5_500, 6_500), true);
        broker.settleDown();
        // When
        broker.messages().deleteBefore(1);
        OffsetResult late = list(broker, 6_001);
        OffsetResult largest = list(broker, -3);
        broker.messages().deleteBefore(4);
        OffsetResult last = list(broker, -3);
        // Then
        assertThat(late).isEqualTo(new OffsetResult(ErrorCode.NONE, 4, 6_500, 0));
        assertThat(largest).isEqualTo(new OffsetResult(ErrorCode.NONE, 4, 6_500, 0));
        assertThat(last).isEqualTo(new OffsetResult(ErrorCode.NONE, 4, 6_500, 0));
        assertThat(broker.stopped).isNull();
    }

    @Test
    void freesWhatIsPastRetentionThoughNothingIsAppended() {
        // Given
        PartitionFixture broker = PartitionFixture.topic();
        broker.logConfig = SHORT;
        broker.kill();
        broker.sendMany(3);
        broker.advance(30_000);
        // When
        broker.checkpoint();
        int before = broker.files(".log").size();
        broker.advance(30_000);
        // Then
        assertThat(broker.messages().logStartOffset()).isEqualTo(3);
        assertThat(before).isEqualTo(2);
        assertThat(broker.files(".log")).hasSize(1);
    }

    @Test
    void aFullDiskPutsASnapshotOff() {
        // Given
        PartitionFixture broker = PartitionFixture.queue();
        broker.sendMany(5);
        broker.consumer(5).accept(0, 2);
        broker.settleDown();
        broker.disk.capacity(broker.disk.usedBytes());
        // When
        broker.advance(3 * PartitionConfig.DEFAULT_SNAPSHOT_MS);
        int full = broker.files(".snapshot").size();
        broker.disk.capacity(Long.MAX_VALUE);
        broker.advance(3 * PartitionConfig.DEFAULT_SNAPSHOT_MS);
        // Then
        assertThat(broker.stopped).isNull();
        assertThat(full).isZero();
        assertThat(broker.files(".snapshot")).hasSize(1);
        assertThat(broker.describe(SubscriptionKey.QUEUE).floor()).isEqualTo(3);
    }

    /** Written twice, what takes a message given back would be counted twice, and the next one given back never be taken. */
    @Test
    void writesEachPartOfATurnOnceThoughTheDiskIsFullInTheMidstOfIt() {
        // Given a turn with a state record, that something is given back, and that it goes out again
        PartitionFixture broker = PartitionFixture.queue();
        broker.sendMany(3);
        TestConsumer consumer = broker.consumer(10);
        broker.settleDown();
        broker.deliveries().configure(new LogConfig(1, 1000, 1, -1, 0, 1000, true));
        consumer.accept(0, 0);
        broker.settleDown();
        consumer.accept(1, 1);
        broker.settleDown();
        broker.nowMs += 60_000;
        broker.disk.capacity(broker.disk.usedBytes());
        broker.partition().onTick(broker.nowMs);
        broker.deliveries().configure(LogConfig.defaults());
        consumer.release(2, 2);
        // When
        for (int i = 0; i < 40; i++) {
            broker.disk.capacity(broker.disk.usedBytes() + 50L * (i % 8));
            broker.advance(1000);
        }
        broker.disk.capacity(Long.MAX_VALUE);
        broker.advance(2000);
        // Then
        assertThat(broker.stopped).isNull();
        assertThat(kinds(broker.deliveries()))
                .endsWith(DeliveryRecord.Kind.STATE, DeliveryRecord.Kind.SETTLE, DeliveryRecord.Kind.DISPATCH_MARK)
                .containsOnlyOnce(DeliveryRecord.Kind.STATE);
        assertThat(consumer.texts()).containsExactly("m0", "m1", "m2", "m2");
    }

    private static List<DeliveryRecord.Kind> kinds(Log deliveries) {
        List<DeliveryRecord.Kind> kinds = new ArrayList<>();
        RandomRun.forEachBatch(
                deliveries, batch -> DeliveryBatchCodec.decode(batch).records().forEach(one -> kinds.add(one.kind())));
        return kinds;
    }

    @Test
    void believesNoSnapshotOfSettlementsThatWereLost() {
        // Given
        PartitionFixture broker = PartitionFixture.of(PartitionFixture.answeringAtOnce());
        broker.sendMany(20);
        broker.consumer(20).accept(0, 4);
        broker.advance(2 * PartitionConfig.DEFAULT_SNAPSHOT_MS);
        long lost = broker.deliveries().logEndOffset();
        List<String> before = broker.files(".snapshot");
        // When the power took the settlements and left the snapshot
        broker.disk.overwrite(
                broker.files(".log").stream()
                        .filter(name -> name.contains("deliveries"))
                        .findFirst()
                        .orElseThrow(),
                new byte[0]);
        broker.kill();
        List<String> after = broker.files(".snapshot");
        TestConsumer consumer = broker.consumer(20);
        broker.settleDown();
        for (int offset = 19; broker.deliveries().logEndOffset() <= lost; offset--) {
            consumer.accept(offset, offset);
            broker.settleDown();
        }
        broker.kill();
        // Then
        assertThat(before).hasSize(1);
        assertThat(after).isEmpty();
        assertThat(broker.describe(SubscriptionKey.QUEUE).floor()).isZero();
    }

    private static OffsetResult list(PartitionFixture broker, long timestamp) {
        return broker.partition().onListOffset(timestamp, -1);
    }
}
