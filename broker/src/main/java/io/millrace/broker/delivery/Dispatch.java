package io.millrace.broker.delivery;

import io.millrace.protocol.DeliveredMessages;
import io.millrace.protocol.record.InvalidBatchException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One round of deliveries: gives the consumers of a subscription what they have credit for, in turn, as long as there is something. What
 * was given back goes out first, in offset order, then what was never delivered.
 *
 * <p>Owned by the partition's lane.
 */
final class Dispatch {
    /** With competing consumers one takes at most so many messages before the next has its turn. */
    static final int MAX_SHARE = 64;
    /** A round reads about so many bytes, whether they are delivered or passed over; then the lane serves others. */
    static final long ROUND_BYTES = 1024 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(Dispatch.class);
    private static final int MIN_BUFFER_BYTES = 256;
    /** What a batch costs the round's budget beside the bytes delivered of it. */
    private static final int LOOK_BYTES = 64;

    private final BatchReader reader;
    private final TurnRecords records;
    private final ByteBufAllocator allocator;

    private int maxAnswerBytes;
    private long budgetBytes;
    private long highWatermark;
    private long validUntilMs;
    private long nowMs;

    private @Nullable ByteBuf out;
    private int count;
    private long maxCount;
    private long maxBytes;
    private boolean lacksRoom;

    Dispatch(BatchReader reader, TurnRecords records, ByteBufAllocator allocator) {
        this.reader = reader;
        this.records = records;
        this.allocator = allocator;
    }

    /** Begins a round for all subscriptions. */
    void begin(long newHighWatermark, int newMaxAnswerBytes, long newValidUntilMs, long newNowMs) {
        highWatermark = newHighWatermark;
        maxAnswerBytes = newMaxAnswerBytes;
        validUntilMs = newValidUntilMs;
        budgetBytes = ROUND_BYTES;
        nowMs = newNowMs;
        lacksRoom = false;
    }

    /** Delivers until nothing is left to deliver, nobody takes more, or the round's budget is used up. */
    void run(ActiveSubscription subscription) {
        if (!subscription.holdsBack()) {
            deliverAll(subscription);
        }
        subscription.reserveAhead(records);
    }

    private void deliverAll(ActiveSubscription subscription) {
        if (subscription.hasUnrecordedConsumer() && hasWork(subscription)) {
            records.await();
        }
        long share = share(subscription);
        while (budgetBytes > 0 && hasWork(subscription) && !subscription.holdsBack()) {
            Consumer consumer = subscription.nextReady();
            if (consumer == null || !deliver(subscription, consumer, share)) {
                return;
            }
        }
    }

    /** Whether the round may go on: what is left then waits for the next turn of the lane. */
    boolean hasBudget() {
        return budgetBytes > 0;
    }

    /** Whether the round ended for want of memory. */
    boolean lacksRoom() {
        return lacksRoom;
    }

    private void onNoRoom() {
        lacksRoom = true;
        budgetBytes = 0;
    }

    /** Whether there may be something to deliver. */
    boolean hasWork(ActiveSubscription subscription) {
        return !subscription.ready().isEmpty() || subscription.isTakeDue() || subscription.cursor() < highWatermark;
    }

    private long share(ActiveSubscription subscription) {
        int consumers = subscription.readyConsumers();
        if (consumers <= 1) {
            return Long.MAX_VALUE;
        }
        long available =
                highWatermark - subscription.cursor() + subscription.ready().cardinality();
        return Math.min(MAX_SHARE, Math.max(1, available / consumers));
    }

    /** Gives one consumer its share; false if there was nothing to give. */
    private boolean deliver(ActiveSubscription subscription, Consumer consumer, long share) {
        count = 0;
        maxCount = Math.min(share, consumer.credit());
        maxBytes = Math.min(maxAnswerBytes, consumer.byteCredit());
        if (deliverAgain(subscription, consumer)) {
            deliverOn(subscription, consumer);
        }
        ByteBuf messages = out;
        out = null;
        if (messages == null) {
            return false;
        }
        if (count == 0) {
            messages.release();
            return false;
        }
        consumer.deliver(count, messages, validUntilMs);
        return true;
    }

    private boolean isFull() {
        return count >= maxCount || budgetBytes <= 0 || (out != null && out.readableBytes() >= maxBytes);
    }

    // ---- what was given back

    /** Delivers what may go out again; false if something must go out before what was never delivered. */
    private boolean deliverAgain(ActiveSubscription subscription, Consumer consumer) {
        if (subscription.ready().isEmpty() && !subscription.isTakeDue()) {
            return true;
        }
        if (subscription.isTakeDue()) {
            subscription.take(consumer.credit(), records);
            return false;
        }
        for (long offset = subscription.ready().first();
                offset >= 0 && !isFull();
                offset = subscription.ready().first()) {
            if (!subscription.isAllowed(offset, records)) {
                return false;
            }
            subscription.ready().remove(offset, offset);
            deliverOne(subscription, consumer, offset);
            if (lacksRoom) {
                subscription.ready().add(offset, offset);
            }
            if (subscription.holdsBack()) {
                return false;
            }
        }
        return subscription.ready().isEmpty();
    }

    private void deliverOne(ActiveSubscription subscription, Consumer consumer, long offset) {
        Batch batch = at(offset);
        budgetBytes -= LOOK_BYTES;
        if (lacksRoom) {
            return;
        }
        if (batch == null || batch.baseOffset() > offset) {
            passOverGap(subscription, offset, batch == null ? highWatermark : batch.baseOffset());
        } else if (batch.isControl() || !seek(batch, offset) || batch.offset() != offset) {
            subscription.settle(offset, offset, Outcome.VOID, records);
        } else if (isExpired(batch)) {
            subscription.settle(offset, offset, Outcome.EXPIRE, records);
        } else if (write(batch, subscription.failedDeliveries(offset) + 1)) {
            consumer.held().add(offset);
        }
    }

    /** Of what may go out again, all that lies in the gap goes at once: what is behind it waits until that is known. */
    private void passOverGap(ActiveSubscription subscription, long first, long end) {
        long last = Math.min(end, subscription.ready().nextAbsent(first + 1)) - 1;
        ensureGap(first, last + 1);
        subscription.ready().remove(first, last);
        subscription.settleGap(first, last, records);
    }

    // ---- what was never delivered

    private void deliverOn(ActiveSubscription subscription, Consumer consumer) {
        while (!isFull() && !subscription.holdsBack() && subscription.cursor() < highWatermark) {
            long cursor = subscription.cursor();
            Batch batch = at(cursor);
            if (lacksRoom) {
                return;
            }
            long next = batch == null ? highWatermark : batch.baseOffset();
            if (next > cursor) {
                ensureGap(cursor, next);
                subscription.passOverGap(cursor, next - 1, records);
            } else if (batch != null && !deliverBatch(subscription, consumer, batch)) {
                return;
            }
        }
    }

    /** What is passed over is settled for good: better stop than pass over a message that is there. */
    private void ensureGap(long first, long end) {
        if (!reader.isGap(first, end)) {
            throw new IllegalStateException(
                    "passing over " + first + " to " + (end - 1) + ", where the log has messages");
        }
    }

    /** Delivers from the batch at the cursor; false if it stopped before its end. */
    private boolean deliverBatch(ActiveSubscription subscription, Consumer consumer, Batch batch) {
        budgetBytes -= LOOK_BYTES;
        if (batch.isControl()) {
            subscription.passOver(subscription.cursor(), batch.nextOffset() - 1, Outcome.VOID, records);
            return true;
        }
        if (isOwn(batch, consumer)) {
            subscription.passOver(subscription.cursor(), batch.nextOffset() - 1, Outcome.UNMATCHED, records);
            return true;
        }
        if (!subscription.isAllowed(subscription.cursor(), records)) {
            return false;
        }
        long end = Math.min(batch.nextOffset(), subscription.allowedEnd());
        while (subscription.cursor() < end && !isFull()) {
            deliverRun(subscription, consumer, batch, end);
        }
        return subscription.cursor() >= batch.nextOffset();
    }

    /** Delivers messages as long as they follow each other, or passes over what is none. */
    private void deliverRun(ActiveSubscription subscription, Consumer consumer, Batch batch, long end) {
        long first = subscription.cursor();
        long cursor = first;
        while (cursor < end
                && !isFull()
                && seek(batch, cursor)
                && isDeliverable(subscription, batch, cursor)
                && write(batch, 1)) {
            cursor++;
        }
        if (cursor > first) {
            consumer.held().add(first, cursor - 1);
            subscription.moveTo(cursor);
        } else if (lacksRoom) {
            return;
        } else if (seek(batch, cursor) && batch.offset() == cursor) {
            budgetBytes -= batch.length();
            subscription.passOver(cursor, cursor, Outcome.EXPIRE, records);
        } else {
            long next = seek(batch, cursor) ? batch.offset() : batch.nextOffset();
            subscription.passOver(cursor, next - 1, Outcome.VOID, records);
        }
    }

    private boolean isDeliverable(ActiveSubscription subscription, Batch batch, long offset) {
        return batch.offset() == offset && !subscription.isSettledAhead(offset) && !isExpired(batch);
    }

    private static boolean isOwn(Batch batch, Consumer consumer) {
        return consumer.isNoLocal()
                && batch.producerId() >= 0
                && batch.producerId() == consumer.connection().producerId();
    }

    private boolean isExpired(Batch batch) {
        if (!batch.isExpiring()) {
            return false;
        }
        long expirationMs = MessageSummary.expirationMs(batch.record());
        return expirationMs > 0 && expirationMs <= nowMs;
    }

    /** A batch was looked at before it was appended; one that can not be read all the same is passed over, and said. */
    private static boolean seek(Batch batch, long offset) {
        try {
            return batch.seek(offset);
        } catch (InvalidBatchException e) {
            LOG.atError()
                    .addKeyValue("baseOffset", batch.baseOffset())
                    .setCause(e)
                    .log("the records of a batch can not be read; its messages are passed over");
            return false;
        }
    }

    /** The batch at an offset or behind it; null, and {@link #lacksRoom}, if there is no memory for it now. */
    private @Nullable Batch at(long offset) {
        try {
            return reader.at(offset, highWatermark);
        } catch (NoRoomException e) {
            onNoRoom();
            return null;
        }
    }

    /** False, and nothing is changed, if there is no memory for it now. */
    private boolean write(Batch batch, int deliveries) {
        ByteBuf to = room(batch);
        if (to == null) {
            onNoRoom();
            return false;
        }
        int before = to.readableBytes();
        to.writeLong(batch.offset());
        to.writeLong(batch.timestampMs());
        to.writeInt(deliveries);
        to.writeInt(batch.length());
        to.writeBytes(batch.record());
        budgetBytes -= to.readableBytes() - before;
        count++;
        return true;
    }

    /** Where the batch's message at hand goes; null if there is no memory for it now. */
    private @Nullable ByteBuf room(Batch batch) {
        try {
            ByteBuf to = out;
            if (to == null) {
                to = allocator.buffer(estimate(batch));
                out = to;
            }
            return to.ensureWritable(DeliveredMessages.OVERHEAD_BYTES + batch.length());
        } catch (OutOfMemoryError e) {
            return null;
        }
    }

    private int estimate(Batch batch) {
        long messages = batch.nextOffset() - batch.baseOffset();
        long each = DeliveredMessages.OVERHEAD_BYTES + batch.sizeBytes() / messages;
        long all = Math.min(maxAnswerBytes, Math.min(maxCount, messages) * each);
        return (int) Math.max(Math.max(MIN_BUFFER_BYTES, all), DeliveredMessages.OVERHEAD_BYTES + batch.length());
    }
}
