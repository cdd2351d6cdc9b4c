package io.millrace.broker.log;

import java.util.ArrayList;
import java.util.List;

/** Where each leader's epoch begins in a log: a fold over its batches. Owned by the partition's lane. */
public final class LeaderEpochs {
    private final List<EpochStart> starts = new ArrayList<>();

    LeaderEpochs() {}

    /** The epoch of the last batch, or -1 in an empty log. */
    public int latestEpoch() {
        return starts.isEmpty() ? -1 : starts.get(starts.size() - 1).epoch();
    }

    /**
     * Where an epoch ends: the start of the next one kept, or the log end offset for the latest one. The answer names the largest epoch
     * that is not above the one asked for; the one asked for if all that are kept are later; epoch -1 and offset -1 if it is later than all.
     */
    public EpochEnd endOf(int epoch, long logEndOffset) {
        int at = starts.size() - 1;
        while (at >= 0 && starts.get(at).epoch() > epoch) {
            at--;
        }
        if (epoch < 0 || epoch > latestEpoch()) {
            return new EpochEnd(-1, -1);
        }
        if (at < 0) {
            return new EpochEnd(epoch, starts.get(0).startOffset());
        }
        long end = at + 1 < starts.size() ? starts.get(at + 1).startOffset() : logEndOffset;
        return new EpochEnd(starts.get(at).epoch(), end);
    }

    /** The epoch of the batch at an offset that the log holds; -1 if it has none. */
    public int epochAt(long offset) {
        int found = -1;
        for (EpochStart start : starts) {
            if (start.startOffset() <= offset) {
                found = start.epoch();
            }
        }
        return found;
    }

    /** Where the first batch of an epoch later than {@code epoch} lies, or the log end offset if there is none. */
    public long endOfAllUpTo(int epoch, long logEndOffset) {
        for (EpochStart start : starts) {
            if (start.epoch() > epoch) {
                return start.startOffset();
            }
        }
        return logEndOffset;
    }

    /** All that are kept, in order. */
    public List<EpochStart> entries() {
        return List.copyOf(starts);
    }

    /** Folds a batch. */
    void apply(int epoch, long baseOffset) {
        if (epoch > latestEpoch()) {
            starts.add(new EpochStart(epoch, baseOffset));
        }
    }

    /** The log was cut: forgets epochs that began at or behind its end. */
    void truncateTo(long logEndOffset) {
        starts.removeIf(start -> start.startOffset() >= logEndOffset);
    }

    /** The log start offset was raised: keeps the epoch it lies in, from there on, and those behind it. */
    void startAt(long logStartOffset) {
        while (starts.size() > 1 && starts.get(1).startOffset() <= logStartOffset) {
            starts.remove(0);
        }
        if (!starts.isEmpty() && starts.get(0).startOffset() < logStartOffset) {
            starts.set(0, new EpochStart(starts.get(0).epoch(), logStartOffset));
        }
    }

    /** An epoch and the offset of its first batch. */
    public record EpochStart(int epoch, long startOffset) {}

    /** An epoch and the offset behind its last batch. */
    public record EpochEnd(int epoch, long endOffset) {}
}
