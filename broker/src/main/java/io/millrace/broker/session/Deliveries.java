package io.millrace.broker.session;

import io.millrace.broker.delivery.DeliverySink;
import io.millrace.protocol.ErrorCode;
import io.netty.buffer.ByteBuf;
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
    public void deliver(int consumerId, int count, ByteBuf messages) {
        int bytes = messages.readableBytes();
        comingBytes.addAndGet(bytes);
        session.onLane(() -> {
            comingBytes.addAndGet(-bytes);
            if (closed) {
                messages.release();
            } else {
                answer.addMessages(consumerId, messages);
                look();
                flushLater();
            }
        });
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

    /** A settlement is about to be confirmed: who settled for a consumer that has ended hears of the end before. */
    void tellEnded() {
        if (answer.hasEnded()) {
            flush();
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

    private void flush() {
        flushQueued = false;
        if (closed || !standing) {
            return;
        }
        confirmedSequence = client.settlements().confirmedSequence();
        DeliverAnswer full = answer;
        answer = new DeliverAnswer();
        full.write(session.connection(), correlationId, confirmedSequence);
        if (refused) {
            // Not at once: the partitions that made this answer may be in the middle of it.
            session.lane()
                    .execute(() ->
                            session.guarded(() -> onWritable(session.lane().nowMs())));
        }
    }
}
