package io.millrace.broker.journal;

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

/**
 * Brings the journal's entries into the logs that miss them. An entry below the end of its log is there already; one above it follows what was
 * never journaled and was lost, so its log moves forward.
 *
 * <p>Used on the stack of a recovery.
 */
final class LogReplay {
    private final PartitionStore partitions;
    private final Map<LogKey, Long> journaledEnds = new HashMap<>();
    private long replayed;

    LogReplay(PartitionStore partitions) {
        this.partitions = partitions;
    }

    /** How many entries were missing in their logs. */
    long replayed() {
        return replayed;
    }

    void onEntry(JournalEntry entry) {
        LogKey key = entry.key();
        PartitionStorage storage = partitions.openForRecovery(key.topicId(), key.partition());
        Log log = storage.log(key.kind());
        switch (entry.type()) {
            case APPEND -> append(entry, storage, log);
            case TRUNCATE -> {
                log.truncateTo(entry.baseOffset());
                journaledEnds.put(key, entry.baseOffset());
            }
        }
    }

    private void append(JournalEntry entry, PartitionStorage storage, Log log) {
        if (entry.key().kind() == LogKind.DELIVERY) {
            storage.messages().advanceTo(entry.messageLogEnd());
        }
        RecordBatch batch = new RecordBatch(entry.content(), 0);
        if (entry.baseOffset() >= log.logEndOffset()) {
            log.advanceTo(entry.baseOffset());
            log.append(batch, entry.leaderEpoch(), batch.maxTimestampMs());
            replayed++;
        }
        journaledEnds.merge(entry.key(), batch.nextOffset(), Math::max);
    }

    /**
     * The batches that lie in the logs which were opened, and not in the journal: written, but not journaled when the broker died. They may
     * be shown and acknowledged from now on, so they are journaled now, or, if that is much, synced.
     */
    List<JournalEntry> unjournaled(long maxBytes) {
        List<JournalEntry> entries = new ArrayList<>();
        for (PartitionStorage storage : partitions.recovered()) {
            for (LogKind kind : LogKind.values()) {
                Log log = storage.log(kind);
                long known = Math.max(log.recoveryPoint(), journaledEnds.getOrDefault(log.key(), 0L));
                long from = Math.max(known, log.logStartOffset());
                if (from < log.logEndOffset()) {
                    if (log.bytesFrom(from) > maxBytes) {
                        log.forceNow();
                    } else {
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
