package io.millrace.jms.engine;

import io.millrace.protocol.SettlementKind;

/** A settlement from its decision until the broker has confirmed it. Grows until it is sent. Owned by the engine. */
final class PendingSettlement {
    final PartitionAttachment source;
    final SettlementKind kind;
    final long first;
    long last;

    PendingSettlement(PartitionAttachment source, SettlementKind kind, long first, long last) {
        this.source = source;
        this.kind = kind;
        this.first = first;
        this.last = last;
    }
}
