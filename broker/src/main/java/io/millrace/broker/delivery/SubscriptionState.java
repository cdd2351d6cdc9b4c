package io.millrace.broker.delivery;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A stored subscription as the delivery log tells it: a position plus the settlements beyond it. A fold: {@code apply*} can not refuse,
 * and the same records give the same state on every replica.
 *
 * <p>How it stays small. Everything below {@link #floor()} is settled and costs nothing; what is settled beyond it is a compressed
 * bitmap. A message that was never delivered has no trace here at all, however many wait. How often a message was delivered without
 * success is said in two ways: {@link #crashMarks} covers whole runs (each says: all unsettled messages below were delivered once in an
 * epoch that ended), and {@link #counts} holds what differs from that, by runs.
 *
 * <p>Invariants:
 * <ul>
 *   <li>{@code floor} is not settled, and no offset in {@code settled}, {@code givenBack}, {@code counts} lies below it;
 *   <li>an offset is in at most one of {@code settled} and {@code givenBack};
 *   <li>{@code floor}, {@code leaderEpoch} and settlements never go back; {@code mark} only at an {@code EPOCH} record.
 * </ul>
 *
 * Owned by the partition's lane.
 */
final class SubscriptionState {
    /** A bound on restarts that one unsettled message can count. */
    static final int MAX_CRASH_MARKS = 100;

    private final int id;
    private final SubscriptionKey key;
    private final long incarnation;
    private final @Nullable String selector;
    private final boolean noLocal;

    private long floor;
    /** Nothing at or above it was dispatched in this epoch. */
    private long mark;

    private final OffsetSet settled = new OffsetSet();
    /** Released or failed, and not dispatched since. */
    private final OffsetSet givenBack = new OffsetSet();

    private final RangeCounts counts = new RangeCounts();
    /** Ascending. */
    private long[] crashMarks = {};

    SubscriptionState(
            int id, SubscriptionKey key, long incarnation, @Nullable String selector, boolean noLocal, long floor) {
        this.id = id;
        this.key = Objects.requireNonNull(key, "key");
        this.incarnation = incarnation;
        this.selector = selector;
        this.noLocal = noLocal;
        this.floor = floor;
    }

    int id() {
        return id;
    }

    SubscriptionKey key() {
        return key;
    }

    long incarnation() {
        return incarnation;
    }

    @Nullable
    String selector() {
        return selector;
    }

    boolean noLocal() {
        return noLocal;
    }

    /** The first offset not settled. */
    long floor() {
        return floor;
    }

    long mark() {
        return mark;
    }

    /** What is settled beyond the floor. */
    OffsetSet settled() {
        return settled;
    }

    OffsetSet givenBack() {
        return givenBack;
    }

    RangeCounts counts() {
        return counts;
    }

    long[] crashMarks() {
        return crashMarks.clone();
    }

    boolean isSettled(long offset) {
        return offset < floor || settled.contains(offset);
    }

    /** How often a message was delivered without success, as far as is known. */
    int failedDeliveries(long offset) {
        return Math.max(0, crashesAbove(offset) + counts.get(offset));
    }

    /** Below it unsettled messages may have been delivered in an earlier epoch. */
    long lastCrashMark() {
        return crashMarks.length == 0 ? 0 : crashMarks[crashMarks.length - 1];
    }

    // ---- the fold

    void applyFinal(long first, long last) {
        if (last < floor) {
            return;
        }
        if (first > floor) {
            settled.add(first, last);
            givenBack.remove(first, last);
            counts.remove(first, last);
            return;
        }
        floor = last + 1;
        if (!settled.isEmpty()) {
            floor = settled.nextAbsent(floor);
            settled.removeBelow(floor);
        }
        givenBack.removeBelow(floor);
        counts.removeBelow(floor);
        dropPassedCrashMarks();
    }

    /** Given back unseen: {@code first} to {@code last} are free again, and have not been delivered more often than before. */
    void applyRelease(long first, long last) {
        forEachUnsettledRun(first, last, givenBack::add);
    }

    /** Given back: {@code first} to {@code last} are free again, and have been delivered {@code deliveries} times. */
    void applyFail(long first, long last, int deliveries) {
        forEachUnsettledRun(first, last, (from, to) -> {
            givenBack.add(from, to);
            forEachCrashRun(from, to, (a, b) -> counts.set(a, b, deliveries - crashesAbove(a)));
        });
    }

    void applyMark(long newMark, long takeBelow) {
        mark = Math.max(mark, newMark);
        givenBack.removeBelow(takeBelow);
    }

    /** A new epoch begins; of what the last one dispatched, nothing at or above {@code messageLogEnd} exists. */
    void applyEpoch(long messageLogEnd) {
        long crashMark = Math.min(mark, messageLogEnd);
        mark = 0;
        if (crashMark <= floor) {
            return;
        }
        insertCrashMark(crashMark);
        givenBack.forEachRun((first, last) -> {
            if (first < crashMark) {
                counts.add(first, Math.min(last, crashMark - 1), -1);
            }
        });
    }

    /** Calls {@code each} for every run of unsettled offsets from {@code first} to {@code last}, in order. */
    void forEachUnsettledRun(long first, long last, OffsetSet.RunConsumer each) {
        long from = settled.nextAbsent(Math.max(first, floor));
        while (from <= last) {
            long nextSettled = settled.next(from);
            long to = nextSettled < 0 ? last : Math.min(last, nextSettled - 1);
            each.run(from, to);
            if (nextSettled < 0) {
                return;
            }
            from = settled.nextAbsent(nextSettled);
        }
    }

    /** Takes up a state that was written before. */
    void restore(long restoredMark, long[] restoredCrashMarks) {
        mark = restoredMark;
        crashMarks = restoredCrashMarks.clone();
    }

    private void forEachCrashRun(long first, long last, OffsetSet.RunConsumer each) {
        long from = first;
        for (long crashMark : crashMarks) {
            if (crashMark > from && crashMark <= last) {
                each.run(from, crashMark - 1);
                from = crashMark;
            }
        }
        each.run(from, last);
    }

    private int crashesAbove(long offset) {
        int n = 0;
        for (int i = crashMarks.length - 1; i >= 0 && crashMarks[i] > offset; i--) {
            n++;
        }
        return n;
    }

    private void insertCrashMark(long crashMark) {
        int keep = Math.min(crashMarks.length, MAX_CRASH_MARKS - 1);
        long[] marks = new long[keep + 1];
        System.arraycopy(crashMarks, crashMarks.length - keep, marks, 0, keep);
        int at = keep;
        while (at > 0 && marks[at - 1] > crashMark) {
            marks[at] = marks[at - 1];
            at--;
        }
        marks[at] = crashMark;
        crashMarks = marks;
    }

    private void dropPassedCrashMarks() {
        int passed = 0;
        while (passed < crashMarks.length && crashMarks[passed] <= floor) {
            passed++;
        }
        if (passed > 0) {
            long[] left = new long[crashMarks.length - passed];
            System.arraycopy(crashMarks, passed, left, 0, left.length);
            crashMarks = left;
        }
    }
}
