package io.millrace.jms.session;

import io.millrace.jms.engine.ConnectionEngine;
import io.millrace.jms.engine.PartitionAttachment;
import io.millrace.protocol.SettlementKind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a consumer has to tell the engine: what it took out of its buffer, and what it settled. For one thread at a time. */
final class EngineReport {
    private final List<Settled> settled = new ArrayList<>();
    private final List<Consumed> consumed = new ArrayList<>();
    private @Nullable Settled lastSettled;
    private @Nullable Consumed lastConsumed;
    private int settlements;
    private int messages;
    private long bytes;

    /** A run of offsets settled alike. */
    private static final class Settled {
        final PartitionAttachment source;
        final SettlementKind kind;
        final long first;
        long last;

        Settled(PartitionAttachment source, SettlementKind kind, long first, long last) {
            this.source = source;
            this.kind = kind;
            this.first = first;
            this.last = last;
        }
    }

    /** What was taken of one partition's messages. */
    private static final class Consumed {
        final PartitionAttachment source;
        int messages;
        long bytes;

        Consumed(PartitionAttachment source) {
            this.source = source;
        }
    }

    void settle(PartitionAttachment source, SettlementKind kind, long offset) {
        settlements++;
        Settled run = lastSettled;
        if (run != null && run.source == source && run.kind == kind && run.last + 1 == offset) {
            run.last = offset;
            return;
        }
        run = new Settled(source, kind, offset, offset);
        lastSettled = run;
        settled.add(run);
    }

    void consume(PartitionAttachment source, int sizeBytes) {
        messages++;
        bytes += sizeBytes;
        Consumed taken = lastConsumed;
        if (taken == null || taken.source != source) {
            taken = new Consumed(source);
            lastConsumed = taken;
            consumed.add(taken);
        }
        taken.messages++;
        taken.bytes += sizeBytes;
    }

    /** What lies between is settled no more: it is another consumer's. */
    void forget(PartitionAttachment source, long first, long last) {
        List<Settled> all = List.copyOf(settled);
        settled.clear();
        lastSettled = null;
        for (Settled run : all) {
            if (run.source != source || run.last < first || run.first > last) {
                settled.add(run);
                continue;
            }
            if (run.first < first) {
                settled.add(new Settled(source, run.kind, run.first, first - 1));
            }
            if (run.last > last) {
                settled.add(new Settled(source, run.kind, last + 1, run.last));
            }
        }
    }

    boolean isEmpty() {
        return settled.isEmpty() && consumed.isEmpty();
    }

    /** How many deliveries were settled. */
    int settlements() {
        return settlements;
    }

    /** How many deliveries were taken. */
    int messages() {
        return messages;
    }

    /** Bytes of the deliveries taken. */
    long bytes() {
        return bytes;
    }

    void tell(ConnectionEngine engine, long nowMs) {
        for (Settled run : settled) {
            engine.settle(run.source, run.kind, run.first, run.last, nowMs);
        }
        for (Consumed taken : consumed) {
            engine.consumed(taken.source, taken.messages, taken.bytes, nowMs);
        }
    }
}
