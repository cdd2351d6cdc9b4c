package io.millrace.broker.session;

import io.millrace.broker.delivery.OffsetRange;
import io.millrace.broker.delivery.Settlement;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.SettlementKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The settlements of one request, by partition, in their order. One of a consumer that is gone is passed over: what it held was released
 * when it went. Owned by the connection's lane.
 */
final class Settlements {
    private final ClientConnection client;
    private final Map<HostedPartition, List<Settlement>> byPartition = new LinkedHashMap<>();

    Settlements(ClientConnection client) {
        this.client = client;
    }

    void add(int consumerId, byte kind, long firstOffset, long lastOffset) {
        Settlement settlement = of(consumerId, kind, firstOffset, lastOffset);
        AttachedConsumer consumer = client.consumer(consumerId);
        if (consumer != null) {
            byPartition
                    .computeIfAbsent(consumer.partition(), partition -> new ArrayList<>())
                    .add(settlement);
        }
    }

    Map<HostedPartition, List<Settlement>> byPartition() {
        return byPartition;
    }

    static Settlement of(int consumerId, byte kind, long firstOffset, long lastOffset) {
        try {
            range(firstOffset, lastOffset);
            return new Settlement(consumerId, SettlementKind.of(kind), firstOffset, lastOffset);
        } catch (IllegalArgumentException e) {
            throw new InvalidRequestException(ErrorCode.INVALID_SETTLEMENT, String.valueOf(e.getMessage()));
        }
    }

    static OffsetRange range(long firstOffset, long lastOffset) {
        if (firstOffset < 0 || lastOffset < firstOffset) {
            throw new InvalidRequestException(
                    ErrorCode.INVALID_SETTLEMENT,
                    "FirstOffset " + firstOffset + " and LastOffset " + lastOffset
                            + "; both are at least 0, and the last is not below the first");
        }
        return new OffsetRange(firstOffset, lastOffset);
    }
}
