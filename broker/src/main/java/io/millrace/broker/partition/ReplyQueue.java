package io.millrace.broker.partition;

import io.millrace.protocol.ErrorCode;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * Answers that wait until a log is committed up to an offset. They go out in the order in which they were asked for, so an answer never
 * overtakes an earlier one of the same producer. Owned by the partition's lane.
 */
final class ReplyQueue {
    /** Who has no other answers. */
    static final long NOBODY = -1;

    /** The offset of an answer that waits for nothing but those before it. */
    static final long IN_TURN = 0;

    private static final long OPEN = Long.MAX_VALUE;

    private final ArrayDeque<Parked> parked = new ArrayDeque<>();
    /** How many answers of a producer wait. */
    private final Map<Long, Integer> waiting = new HashMap<>();

    private static final class Parked {
        private final long producerId;
        private final Reply<?> reply;
        private final Runnable answer;
        private long requiredOffset;

        Parked(long requiredOffset, long producerId, Reply<?> reply, Runnable answer) {
            this.requiredOffset = requiredOffset;
            this.producerId = producerId;
            this.reply = reply;
            this.answer = answer;
        }
    }

    boolean isEmpty() {
        return parked.isEmpty();
    }

    /** Whether an answer of the producer waits, so that the next one must wait behind it. */
    boolean isWaiting(long producerId) {
        return !waiting.isEmpty() && waiting.containsKey(producerId);
    }

    /**
     * Gives an answer when everything is committed below an offset that {@link #close} will tell.
     *
     * @param reply who is told if that never happens
     */
    void parkOpen(Reply<?> reply, Runnable answer) {
        parked.add(new Parked(OPEN, NOBODY, reply, answer));
    }

    /** Tells the offset that the open answers wait for. */
    void close(long requiredOffset) {
        for (Iterator<Parked> last = parked.descendingIterator(); last.hasNext(); ) {
            Parked open = last.next();
            if (open.requiredOffset != OPEN) {
                return;
            }
            open.requiredOffset = requiredOffset;
        }
    }

    /** Gives a producer an answer when everything below {@code requiredOffset} is committed. */
    void park(long producerId, long requiredOffset, Reply<?> reply, Runnable answer) {
        parked.add(new Parked(requiredOffset, producerId, reply, answer));
        if (producerId >= 0) {
            waiting.merge(producerId, 1, Integer::sum);
        }
    }

    /** Gives the answers that waited for offsets below {@code committed}. */
    void answer(long committed) {
        for (Parked next = parked.peek(); next != null && next.requiredOffset <= committed; next = parked.peek()) {
            parked.poll();
            forget(next.producerId);
            next.answer.run();
        }
    }

    /** Fails all that waited to be committed; what only waited for its turn is answered, since its producer asked for no more. */
    void fail(ErrorCode error, String message) {
        waiting.clear();
        for (Parked next = parked.poll(); next != null; next = parked.poll()) {
            if (next.requiredOffset == IN_TURN) {
                next.answer.run();
            } else {
                next.reply.fail(error, message);
            }
        }
    }

    private void forget(long producerId) {
        if (producerId >= 0) {
            waiting.computeIfPresent(producerId, (id, n) -> n == 1 ? null : n - 1);
        }
    }
}
