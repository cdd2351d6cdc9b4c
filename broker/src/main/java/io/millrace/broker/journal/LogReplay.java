package io.millrace.broker.journal;

import io.millrace.broker.log.LeaderEpochs;
import io.millrace.broker.log.Log;
import io.millrace.broker.log.LogKey;
import io.millrace.broker.log.LogKind;
import io.millrace.broker.log.LogSlice;
import io.millrace.broker.log.PartitionStorage;
import io.millrace.broker.log.PartitionStore;
import io.millrace.protocol.record.RecordBatch;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Brings the journal's entries into the logs that miss them. An entry below the end of its log is there already; one above it follows what was
 * never journaled and was lost, so its log moves forward, and remembers the gap.
 *
 * <p>The broker may have died after a log was cut, and before the journal knew it: then the log holds batches of a later epoch, and the entries of
 * what was cut are passed over. What was appended since is journaled behind a truncation, so that the next replay cuts there.
 *
 * <p>Used on the stack of a recovery.
 */
final class LogReplay {
    private final PartitionStore partitions;
    private final Map<LogKey, Target> targets = new HashMap<>();
    private @Nullable Target last;
    private long replayed;

    /** A log that the journal has entries of. */
    private static final class Target {
        private final PartitionStorage storage;
        private final Log log;
        private long journaledEnd;
        /** Whether the journal has entries of what was cut, and no truncation behind them. */
        private boolean cut;
        /** Where a message log ends at least, by what was said of it in the delivery log. */
        private long saidEnd;

        Target(PartitionStorage storage, Log log) {
            this.storage = storage;
            this.log = log;
        }
    }

    LogReplay(PartitionStore partitions) {
        this.partitions = partitions;
    }

    /** How many entries were missing in their logs. */
    long replayed() {
        return replayed;
    }

    void onEntry(JournalEntry entry) {
        Target target = target(entry.key());
        if (target == null) {
            return;
        }
        switch (entry.type()) {
            case APPEND -> append(entry, target);
            case TRUNCATE -> {
                target.log.truncateTo(entry.baseOffset());
                target.journaledEnd = Math.min(target.journaledEnd, entry.baseOffset());
                target.saidEnd = Math.min(target.saidEnd, entry.baseOffset());
                target.cut = false;
            }
        }
    }

    /** The log, or null if it was deleted. Entries of one log mostly follow each other. */
    private @Nullable Target target(LogKey key) {
        Target target = last;
        if (target == null || !target.log.key().equals(key)) {
            target = targets.get(key);
            if (target == null) {
                if (partitions.isDeleted(key.topicId(), key.partition())) {
                    return null;
                }
                PartitionStorage storage = partitions.openForRecovery(key.topicId(), key.partition());
                target = new Target(storage, storage.log(key.kind()));
                targets.put(key, target);
            }
            last = target;
        }
        return target;
    }

    private void append(JournalEntry entry, Target target) {
        Log log = target.log;
        if (wasCut(entry, log)) {
            target.cut = true;
            return;
        }
        if (entry.key().kind() == LogKind.DELIVERY) {
            Target messages = target(target.storage.messages().key());
            if (messages != null) {
                messages.saidEnd = Math.max(messages.saidEnd, entry.messageLogEnd());
            }
        }
        RecordBatch batch = new RecordBatch(entry.content(), 0);
        if (entry.baseOffset() >= log.logEndOffset()) {
            log.jumpTo(entry.baseOffset());
            log.append(batch, entry.leaderEpoch(), Log.APPENDED_BEFORE);
            replayed++;
        }
        target.journaledEnd = Math.max(target.journaledEnd, batch.nextOffset());
    }

    private static boolean wasCut(JournalEntry entry, Log log) {
        LeaderEpochs epochs = log.leaderEpochs();
        if (entry.baseOffset() >= log.logEndOffset()) {
            return entry.leaderEpoch() < epochs.latestEpoch();
        }
        return entry.baseOffset() >= log.logStartOffset() && entry.leaderEpoch() != epochs.epochAt(entry.baseOffset());
    }

    /**
     * The batches that lie in the logs which were opened, and not in the journal: written, but not journaled when the broker died. They may
     * be shown and acknowledged from now on, so they are journaled now, or, if that is much, synced.
     */
    List<JournalEntry> unjournaled(long maxBytes) {
        // Not before: messages that an earlier recovery has journaled again come behind deliveries that speak of them.
        targets.values().forEach(target -> target.log.jumpTo(target.saidEnd));
        List<JournalEntry> entries = new ArrayList<>();
        for (PartitionStorage storage : partitions.recovered()) {
            for (LogKind kind : LogKind.values()) {
                Log log = storage.log(kind);
                Target target = targets.get(log.key());
                long known = Math.max(log.recoveryPoint(), target == null ? 0 : target.journaledEnd);
                long from = Math.max(known, log.logStartOffset());
                if (from < log.logEndOffset()) {
                    if (log.bytesFrom(from) > maxBytes) {
                        log.forceNow();
                    } else {
                        if (target != null && target.cut) {
                            entries.add(JournalEntry.truncation(
                                    log.key(), log.leaderEpochs().latestEpoch(), from));
                        }
                        collect(storage, log, from, entries);
                    }
                }
            }
        }
        return entries;
    }

    private static void collect(PartitionStorage storage, Log log, long from, List<JournalEntry> into) {
        long offset = from;
        while (offset < log.logEndOffset()) {
            LogSlice slice = log.read(offset, 1 << 20, Long.MAX_VALUE);
            if (slice == null) {
                return;
            }
            ByteBuffer bytes = slice.copy();
            slice.release();
            offset = slice.nextOffset();
            for (int at = 0; at < bytes.limit(); ) {
                RecordBatch batch = new RecordBatch(bytes, at);
                into.add(entry(storage, log, batch));
                at = batch.end();
            }
        }
    }

    private static JournalEntry entry(PartitionStorage storage, Log log, RecordBatch batch) {
        long messageLogEnd =
                log.key().kind() == LogKind.DELIVERY ? storage.messages().logEndOffset() : -1;
        return new JournalEntry(
                log.key(),
                JournalEntry.Type.APPEND,
                batch.leaderEpoch(),
                batch.baseOffset(),
                messageLogEnd,
                batch.bytes(),
                () -> {});
    }
}
