package io.millrace.broker.delivery;

import io.millrace.protocol.DeliveredMessages;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.record.InvalidBatchException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads unsettled messages of a subscription without acquiring them. Owned by the partition's lane. */
public final class Browser {
    /** A page reads at most about so many bytes of the log, delivered or passed over. */
    private static final long MAX_LOOK_BYTES = 4L * 1024 * 1024;

    private final Dispatcher dispatcher;
    private final DeliveryState state;
    private final BatchReader reader;
    private final ByteBufAllocator allocator;

    public Browser(Dispatcher dispatcher, DeliveryState state, BatchReader reader, ByteBufAllocator allocator) {
        this.dispatcher = dispatcher;
        this.state = state;
        this.reader = reader;
        this.allocator = allocator;
    }

    /**
     * A page.
     *
     * @param nextOffset where to go on
     * @param messages as {@link DeliveredMessages} says; the receiver's to release
     */
    public record Page(long nextOffset, ByteBuf messages) {}

    /**
     * Reads a page from {@code startOffset} on.
     *
     * @throws DeliveryException if there is no such subscription, or no memory for the page
     */
    public Page browse(
            SubscriptionKey key, long startOffset, int maxMessages, int maxBytes, long highWatermark, long nowMs) {
        ActiveSubscription active = dispatcher.active(key);
        SubscriptionState stored = state.find(key);
        if (active == null || stored == null) {
            throw new DeliveryException(ErrorCode.UNKNOWN_SUBSCRIPTION, "there is no such subscription here");
        }
        ByteBuf out = allocator.buffer(Math.max(256, Math.min(maxBytes, 16 * 1024)));
        try {
            long from = Math.max(startOffset, stored.floor());
            return page(active, from, out, maxMessages, maxBytes, highWatermark, nowMs);
        } catch (NoRoomException | OutOfMemoryError e) {
            out.release();
            throw new DeliveryException(
                    ErrorCode.THROTTLING_QUOTA_EXCEEDED, "the broker has no memory for the messages now; try again");
        } catch (RuntimeException e) {
            out.release();
            throw e;
        }
    }

    private Page page(
            ActiveSubscription active,
            long startOffset,
            ByteBuf out,
            int maxMessages,
            int maxBytes,
            long highWatermark,
            long nowMs) {
        OffsetSet open = unsettledBelowCursor(active);
        long offset = startOffset;
        int count = 0;
        long looked = 0;
        while (offset < highWatermark && looked < MAX_LOOK_BYTES) {
            if (offset < active.cursor()) {
                long next = open.next(offset);
                offset = next < 0 ? active.cursor() : next;
                if (offset >= highWatermark) {
                    break;
                }
            }
            if (count >= maxMessages || out.readableBytes() >= maxBytes) {
                return new Page(offset, out);
            }
            Batch batch = reader.at(offset, highWatermark);
            if (batch == null) {
                offset = highWatermark;
            } else if (batch.baseOffset() > offset) {
                offset = batch.baseOffset();
            } else if (batch.isControl() || !seek(batch, offset)) {
                offset = batch.nextOffset();
            } else {
                looked += batch.length();
                if (batch.offset() == offset && !isExpired(batch, nowMs) && !active.isSettledAhead(offset)) {
                    DeliveredMessages.write(
                            out, offset, batch.timestampMs(), active.failedDeliveries(offset) + 1, batch.record());
                    count++;
                }
                offset = Math.max(offset + 1, batch.offset());
            }
        }
        return new Page(Math.max(startOffset, Math.min(offset, highWatermark)), out);
    }

    private static OffsetSet unsettledBelowCursor(ActiveSubscription active) {
        OffsetSet open = new OffsetSet();
        active.forEachWaitingRun(0, Math.max(0, active.cursor() - 1), open::add);
        for (Consumer consumer : active.consumers()) {
            OffsetRuns held = consumer.held();
            for (int i = 0; i < held.runs(); i++) {
                open.add(held.firstOfRun(i), held.lastOfRun(i));
            }
        }
        return open;
    }

    private static boolean isExpired(Batch batch, long nowMs) {
        if (!batch.isExpiring()) {
            return false;
        }
        long expirationMs = MessageSummary.expirationMs(batch.record());
        return expirationMs > 0 && expirationMs <= nowMs;
    }

    private static boolean seek(Batch batch, long offset) {
        try {
            return batch.seek(offset);
        } catch (InvalidBatchException e) {
            return false;
        }
    }

    /** How a subscription stands, for operators. */
    public @Nullable Standing standing(SubscriptionKey key, long highWatermark) {
        SubscriptionState stored = state.find(key);
        if (stored == null) {
            return null;
        }
        ActiveSubscription active = dispatcher.active(key);
        if (active == null) {
            long waiting = highWatermark - stored.floor() - stored.settled().cardinality();
            return new Standing(key, stored.selector(), Math.max(0, waiting), 0, 0, stored.floor());
        }
        return standing(active, highWatermark);
    }

    private Standing standing(ActiveSubscription active, long highWatermark) {
        SubscriptionState stored = active.stored();
        long floor = stored == null ? active.cursor() : stored.floor();
        return new Standing(
                active.key(),
                stored == null ? null : stored.selector(),
                active.waiting(highWatermark),
                active.inFlight(),
                active.consumers().size(),
                floor);
    }

    /**
     * How a subscription stands.
     *
     * @param waiting offsets committed, unsettled and not in flight
     * @param inFlight messages delivered and not settled
     */
    public record Standing(
            SubscriptionKey key, @Nullable String selector, long waiting, long inFlight, int consumers, long floor) {}

    /** How every subscription stands: the stored ones by number, then the non-durable ones. */
    public List<Standing> standings(long highWatermark) {
        List<Standing> all = new ArrayList<>();
        for (SubscriptionState stored : state.subscriptions()) {
            Standing standing = standing(stored.key(), highWatermark);
            if (standing != null) {
                all.add(standing);
            }
        }
        for (ActiveSubscription active : dispatcher.nonDurableSubscriptions()) {
            all.add(standing(active, highWatermark));
        }
        return all;
    }
}
