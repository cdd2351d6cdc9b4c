package io.millrace.jms.engine;

import io.millrace.protocol.SettlementKind;
import org.jspecify.annotations.Nullable;

/**
 * A settlement from its decision until the broker has confirmed it. Grows until it is sent; loses what the broker says was lost meanwhile,
 * and may be left with nothing. Owned by the engine.
 */
final class PendingSettlement {
    final PartitionAttachment source;
    final SettlementKind kind;
    private final long first;
    private long last;
    /** What it still settles, once it has lost something. */
    private @Nullable OffsetRanges left;

    PendingSettlement(PartitionAttachment source, SettlementKind kind, long first, long last) {
        this.source = source;
        this.kind = kind;
        this.first = first;
        this.last = last;
    }

    /** Takes in the run behind it, if it is that. */
    boolean grow(SettlementKind ofKind, long from, long to) {
        if (kind != ofKind || last + 1 != from || left != null) {
            return false;
        }
        last = to;
        return true;
    }

    /** Whether it settles anything between. */
    boolean concerns(long from, long to) {
        boolean[] found = new boolean[1];
        forEachRun((runFirst, runLast) -> found[0] |= runFirst <= to && runLast >= from);
        return found[0];
    }

    /** Nothing between is settled by it. */
    void drop(long from, long to) {
        if (from > last || to < first) {
            return;
        }
        if (left == null) {
            left = OffsetRanges.of(first, last);
        }
        left.remove(from, to);
    }

    void forEachRun(OffsetRanges.Sink each) {
        if (left == null) {
            each.range(first, last);
        } else {
            left.forEach(each);
        }
    }
}
