package io.millrace.broker.partition;

import io.millrace.broker.delivery.AttachResult;
import io.millrace.broker.delivery.AttachSpec;
import io.millrace.broker.delivery.OffsetRange;
import io.millrace.broker.delivery.Settlement;
import io.millrace.broker.delivery.SubscriptionKey;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.SettlementKind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/** A consumer of a {@link Client}: what it was given, and what of that it still holds. */
final class TestConsumer {
    final Client client;
    final int id;
    final SubscriptionKey key;
    /** Everything it ever got, in order. */
    final List<Delivery> received = new ArrayList<>();

    final TreeMap<Long, Delivery> held = new TreeMap<>();
    final Set<Long> everHeld = new HashSet<>();
    boolean noLocal;
    long limit;
    long byteLimit = Long.MAX_VALUE;
    long nextOffset = -1;
    int leaderEpoch = -1;
    int drained;
    ErrorCode ended = ErrorCode.NONE;

    record Delivery(long offset, long timestampMs, int count, String text) {
        boolean redelivered() {
            return count > 1;
        }
    }

    TestConsumer(Client client, int id, SubscriptionKey key) {
        this.client = client;
        this.id = id;
        this.key = key;
    }

    void take(List<Delivery> deliveries) {
        for (Delivery delivery : deliveries) {
            client.broker.observer.accept(this, delivery);
            received.add(delivery);
            everHeld.add(delivery.offset());
            if (held.put(delivery.offset(), delivery) != null) {
                throw new IllegalStateException("delivered while held: " + delivery);
            }
            nextOffset = Math.max(nextOffset, delivery.offset() + 1);
        }
    }

    private void lose(OffsetRange range) {
        var lost = held.subMap(range.firstOffset(), true, range.lastOffset(), true);
        lost.values().forEach(delivery -> client.broker.lossObserver.accept(this, delivery));
        lost.clear();
    }

    List<String> texts() {
        return received.stream().map(Delivery::text).toList();
    }

    Delivery last() {
        return received.get(received.size() - 1);
    }

    Answer<AttachResult> attach(long credit) {
        return attach(credit, false, List.of(), List.of());
    }

    Answer<AttachResult> attach(long credit, boolean reattach, List<OffsetRange> claims, List<Settlement> settlements) {
        limit = credit;
        Answer<AttachResult> answer = new Answer<>(result -> {
            leaderEpoch = result.leaderEpoch();
            result.lost().forEach(this::lose);
        });
        AttachSpec spec = new AttachSpec(
                client.info(),
                id,
                key,
                null,
                noLocal,
                reattach ? nextOffset : -1,
                credit,
                byteLimit,
                reattach,
                leaderEpoch,
                claims,
                settlements);
        client.broker.partition().onAttach(spec, client.sink, answer, client.broker.nowMs);
        return answer;
    }

    /** Comes back after a lost connection with all it holds. */
    AttachResult reattach(long credit, Settlement... unconfirmed) {
        List<OffsetRange> claims = new ArrayList<>();
        for (long offset : held.keySet()) {
            int last = claims.size() - 1;
            if (last >= 0 && claims.get(last).lastOffset() == offset - 1) {
                claims.set(last, new OffsetRange(claims.get(last).firstOffset(), offset));
            } else {
                claims.add(new OffsetRange(offset, offset));
            }
        }
        Answer<AttachResult> answer = attach(credit, true, claims, List.of(unconfirmed));
        client.broker.settleDown();
        return answer.value();
    }

    void credit(long more) {
        creditNow(more);
        client.broker.settleDown();
    }

    /** The same, and nothing else happens yet. */
    void creditNow(long more) {
        limit += more;
        client.broker.partition().onCredit(client.connectionId, id, limit, byteLimit, false, client.broker.nowMs);
    }

    void drain() {
        client.broker.partition().onCredit(client.connectionId, id, limit, byteLimit, true, client.broker.nowMs);
    }

    Settlement settlement(SettlementKind kind, long first, long last) {
        return new Settlement(id, kind, first, last);
    }

    Answer<Void> settle(SettlementKind kind, long first, long last) {
        held.subMap(first, true, last, true).clear();
        return client.settle(true, settlement(kind, first, last));
    }

    Answer<Void> accept(long first, long last) {
        return settle(SettlementKind.ACCEPT, first, last);
    }

    Answer<Void> acceptAll() {
        return accept(0, Long.MAX_VALUE);
    }

    Answer<Void> fail(long first, long last) {
        return settle(SettlementKind.FAIL, first, last);
    }

    Answer<Void> release(long first, long last) {
        return settle(SettlementKind.RELEASE, first, last);
    }

    Answer<Void> detach() {
        Answer<Void> answer = new Answer<>();
        client.broker.partition().onDetach(client.connectionId, id, List.of(), answer, client.broker.nowMs);
        held.clear();
        return answer;
    }
}
