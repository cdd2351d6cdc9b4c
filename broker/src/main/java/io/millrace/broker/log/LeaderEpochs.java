package io.millrace.broker.log;

import java.util.List;

/** Where each leader's epoch begins in a log: a fold over its batches. Owned by the partition's lane. */
@SuppressWarnings("DoNotCallSuggester") // signatures first: the bodies follow at once and remove this
public final class LeaderEpochs {
    LeaderEpochs() {}

    /** The epoch of the last batch, or -1 in an empty log. */
    public int latestEpoch() {
        throw new UnsupportedOperationException();
    }

    /**
     * Where an epoch ends: the start of the next one kept, or the log end offset for the latest one. The answer names the largest epoch
     * that is not above the one asked for; epoch -1 and offset -1 if that is unknown.
     */
    public EpochEnd endOf(int epoch, long logEndOffset) {
        throw new UnsupportedOperationException();
    }

    /** All that are kept, in order. */
    public List<EpochStart> entries() {
        throw new UnsupportedOperationException();
    }

    /** An epoch and the offset of its first batch. */
    public record EpochStart(int epoch, long startOffset) {}

    /** An epoch and the offset behind its last batch. */
    public record EpochEnd(int epoch, long endOffset) {}
}
