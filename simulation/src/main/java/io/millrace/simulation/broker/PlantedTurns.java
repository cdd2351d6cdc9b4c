package io.millrace.simulation.broker;

import io.millrace.broker.delivery.DeliveryBatch;
import io.millrace.broker.delivery.DeliveryBatchCodec;
import io.millrace.broker.delivery.DeliveryRecord;
import io.millrace.broker.journal.JournalEntry;
import io.millrace.broker.journal.JournalTurn;
import io.millrace.broker.journal.LaneJournal;
import io.millrace.broker.log.LogKind;
import io.millrace.protocol.record.RecordBatch;
import io.millrace.simulation.check.PlantedBug;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A lane's turns as a journal with a planted bug would write them. */
final class PlantedTurns {
    private PlantedTurns() {}

    static JournalTurn of(PlantedBug bug, JournalTurn turn) {
        boolean alters = bug == PlantedBug.LOSE_DELIVERY_ENTRIES
                || bug == PlantedBug.DISPATCH_WITHOUT_MARK
                || bug == PlantedBug.REPLAY_WITHOUT_JUMP;
        if (!alters || turn.entries().isEmpty()) {
            return turn;
        }
        List<JournalEntry> kept = turn.entries().stream()
                .map(entry -> entry.key().kind() == LogKind.MESSAGE ? entry : altered(bug, entry))
                .filter(Objects::nonNull)
                .toList();
        if (!kept.isEmpty()) {
            return new JournalTurn(turn.lane(), kept, turn.lastTicket(), turn.contentBytes(), turn.somebodyWaits());
        }
        LaneJournal journal = Objects.requireNonNull(turn.lane());
        journal.lane().execute(() -> journal.onFlushed(turn.lastTicket()));
        return new JournalTurn(journal, List.of(), turn.lastTicket(), 0, false);
    }

    private static @Nullable JournalEntry altered(PlantedBug bug, JournalEntry entry) {
        return switch (bug) {
            case LOSE_DELIVERY_ENTRIES -> null;
            case REPLAY_WITHOUT_JUMP -> with(entry, -1, rewritten(entry, PlantedTurns::withoutEnd));
            case DISPATCH_WITHOUT_MARK ->
                with(entry, entry.messageLogEnd(), rewritten(entry, PlantedTurns::withoutMarks));
            default -> entry;
        };
    }

    private static JournalEntry with(JournalEntry entry, long messageLogEnd, ByteBuffer content) {
        return new JournalEntry(
                entry.key(),
                entry.type(),
                entry.leaderEpoch(),
                entry.baseOffset(),
                messageLogEnd,
                content,
                entry.release());
    }

    private static ByteBuffer rewritten(JournalEntry entry, UnaryOperator<DeliveryBatch> by) {
        if (!entry.content().hasRemaining()) {
            return entry.content();
        }
        DeliveryBatch batch = by.apply(
                DeliveryBatchCodec.decode(new RecordBatch(entry.content().slice(), 0)));
        ByteBuf bytes = DeliveryBatchCodec.encode(batch.timestampMs(), batch.messageLogEnd(), batch.records());
        RecordBatch altered = new RecordBatch(bytes.nioBuffer(), 0);
        altered.assign(entry.baseOffset(), entry.leaderEpoch());
        return altered.bytes();
    }

    /** The fold of some records needs the end that they name; a jump needs that of all. */
    private static DeliveryBatch withoutEnd(DeliveryBatch batch) {
        boolean isFolded = batch.records().stream()
                .anyMatch(deliveryRecord -> deliveryRecord instanceof DeliveryRecord.Epoch
                        || deliveryRecord instanceof DeliveryRecord.OpenSubscription);
        return isFolded ? batch : new DeliveryBatch(batch.baseOffset(), batch.timestampMs(), 0, batch.records());
    }

    private static DeliveryBatch withoutMarks(DeliveryBatch batch) {
        return new DeliveryBatch(
                batch.baseOffset(),
                batch.timestampMs(),
                batch.messageLogEnd(),
                batch.records().stream().map(PlantedTurns::withoutMark).toList());
    }

    private static DeliveryRecord withoutMark(DeliveryRecord deliveryRecord) {
        return deliveryRecord instanceof DeliveryRecord.DispatchMark mark
                ? new DeliveryRecord.DispatchMark(mark.subscriptionId(), 0, mark.takeBelow())
                : deliveryRecord;
    }
}
