package io.millrace.broker.session;

import io.millrace.broker.delivery.DeliverySink;
import io.millrace.protocol.ErrorCode;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the consumers of one connection are told, gathered over a turn of the lane and written as one answer to the standing Deliver
 * request. Partitions on other lanes call it too, and hop.
 *
 * <p>It takes deliveries while a Deliver stands, the connection takes bytes, and the answer of this turn is not too long yet. A
 * partition that was refused is called when that is so again: it says that it was refused before it looks a second time, and the session
 * says that it is open before it looks who was refused, so neither misses the other.
 *
 * <p>Owned by the connection's lane, but for {@link #isWritable} and the hops.
 */
final class Deliveries implements DeliverySink {
    /** Enough that a turn's answer costs little beside what it carries; small beside the in-flight budget. */
    private static final int MAX_ANSWER_BYTES = 1024 * 1024;

    private final ConnectionSession session;
    private final ClientConnection client;
    private final Runnable flush;
    private DeliverAnswer answer = new DeliverAnswer();
    private int correlationId;
    private boolean standing;
    private boolean flushQueued;
    private boolean closed;
    private long confirmedSequence = SettlementTracker.NONE;

    /** Consumers that were ended since they were too late, until they are attached again: what is on its way to them is dropped. */
    private final Set<Integer> lapsed = new HashSet<>();
    /** What is to be confirmed behind the ends that the next answer tells. */
    private final ArrayDeque<Runnable> afterEnded = new ArrayDeque<>();

    private volatile boolean open;
    private volatile boolean refused;
    /** Bytes on their way here from other lanes, which see only these of what is not written yet. */
    private final AtomicInteger comingBytes = new AtomicInteger();

    Deliveries(ConnectionSession session, ClientConnection client) {
        this.session = session;
        this.client = client;
        this.flush = () -> session.guarded(this::flush);
    }

    // ---- what partitions say

    @Override
    public boolean isWritable() {
        if (session.lane().inLane()) {
            look();
        }
        if (takes()) {
            return true;
        }
        refused = true;
        return takes();
    }

    private boolean takes() {
        return open && comingBytes.get() < MAX_ANSWER_BYTES;
    }

    @Override
    public void deliver(int consumerId, int count, ByteBuf messages, long validUntilMs) {
        int bytes = messages.readableBytes();
        comingBytes.addAndGet(bytes);
        session.onLane(() -> {
            comingBytes.addAndGet(-bytes);
            if (closed || lapsed.contains(consumerId)) {
                messages.release();
            } else {
                answer.addMessages(consumerId, messages, validUntilMs);
                look();
                flushLater();
            }
        });
    }

    @Override
    public boolean isOlderThan(DeliverySink other) {
        return other instanceof Deliveries of && session.number() < of.session.number();
    }

    @Override
    public void drained(int consumerId) {
        session.onLane(() -> {
            if (!closed) {
                answer.addDrained(consumerId);
                flushLater();
            }
        });
    }

    @Override
    public void ended(int consumerId, ErrorCode error, String message) {
        session.onLane(() -> {
            if (!closed) {
                client.removeConsumer(consumerId);
                answer.addEnded(consumerId, error, message);
                flushLater();
            }
        });
    }

    // ---- what the session says

    /** A Deliver request stands from now on, in place of the one before. */
    void stand(int newCorrelationId, long nowMs) {
        correlationId = newCorrelationId;
        standing = true;
        if (!answer.isEmpty() || confirmedSequence != client.settlements().confirmedSequence()) {
            flushLater();
        }
        onWritable(nowMs);
    }

    /** More settlements are durable. */
    void onConfirmed() {
        if (!closed) {
            flushLater();
        }
    }

    /**
     * A settlement is about to be confirmed: who settled for a consumer that has ended hears of the end before, though no Deliver may
     * stand yet.
     *
     * @param confirm run when that is told, at once if there is nothing to tell
     */
    void tellEnded(Runnable confirm) {
        if (answer.hasEnded()) {
            flush();
        }
        if (answer.hasEnded()) {
            afterEnded.add(confirm);
        } else {
            confirm.run();
        }
    }

    /** The connection may take bytes again: partitions that were refused are told. */
    void onWritable(long nowMs) {
        look();
        if (open && refused) {
            refused = false;
            for (HostedPartition hosted : client.partitions()) {
                session.call(hosted, partition -> partition.onWritable(client.connectionId(), nowMs));
            }
        }
    }

    /** A consumer is attached: what comes now is for it. */
    void onAttached(int consumerId) {
        lapsed.remove(consumerId);
    }

    void close() {
        closed = true;
        open = false;
        answer.release();
    }

    private void look() {
        open = standing
                && !closed
                && answer.bytes() < MAX_ANSWER_BYTES
                && session.connection().isWritable();
    }

    private void flushLater() {
        if (!flushQueued) {
            flushQueued = true;
            session.lane().afterTurn(flush);
        }
    }

    /**
     * A pause, of this lane or of the client, made messages so late that another broker may have delivered them. Their consumers, and all
     * beside them on the partition, end here and come back: to this partition if it still leads, which then knows what they have.
     */
    private void endLapsed(long elapsedMs) {
        Set<HostedPartition> late = new LinkedHashSet<>();
        for (int consumerId : answer.lapsed(elapsedMs)) {
            AttachedConsumer consumer = client.consumer(consumerId);
            if (consumer != null) {
                late.add(consumer.partition());
            }
            answer.dropMessages(consumerId);
        }
        long nowMs = session.lane().nowMs();
        for (HostedPartition hosted : late) {
            for (int consumerId : client.consumersOn(hosted)) {
                lapsed.add(consumerId);
                client.removeConsumer(consumerId);
                answer.dropMessages(consumerId);
                answer.addEnded(
                        consumerId,
                        ErrorCode.NOT_LEADER_OR_FOLLOWER,
                        "messages were so late that another broker may lead the partition");
            }
            session.call(hosted, partition -> partition.onConnectionLost(client.connectionId(), this, nowMs));
        }
    }

    private void flush() {
        flushQueued = false;
        if (closed || !standing) {
            return;
        }
        if (answer.mayLapse()) {
            endLapsed(session.services().elapsedMs().getAsLong());
        }
        confirmedSequence = client.settlements().confirmedSequence();
        DeliverAnswer full = answer;
        answer = new DeliverAnswer();
        full.write(session.connection(), correlationId, confirmedSequence);
        for (Runnable confirm = afterEnded.poll(); confirm != null; confirm = afterEnded.poll()) {
            confirm.run();
        }
        if (refused) {
            // Not at once: the partitions that made this answer may be in the middle of it.
            session.lane()
                    .execute(() ->
                            session.guarded(() -> onWritable(session.lane().nowMs())));
        }
    }
}
