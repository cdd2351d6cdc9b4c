package io.millrace.broker.session;

import java.util.ArrayDeque;

/**
 * Up to which number a connection's settlements are durable, although they lie on several partitions that answer at different times.
 *
 * <p>Each request that settles is a step, in the order of the requests. A step is over when all its partitions have answered, and counts
 * when all steps before it are over too: then its sequence is confirmed. The settlements of Attach and Detach are steps without a number
 * of their own: they hold back what comes behind them.
 *
 * <p>Owned by the connection's lane.
 */
final class SettlementTracker {
    /** Nothing was confirmed yet. */
    static final long NONE = -1;

    private final ArrayDeque<Step> steps = new ArrayDeque<>();
    private long confirmedSequence = NONE;
    private long lastSequence = NONE;

    /** The number up to which all settlements are durable. */
    long confirmedSequence() {
        return confirmedSequence;
    }

    /** Begins a step that ends with a sequence. It does not count before {@link Step#begun}. */
    Step begin(long sequence, Runnable whenConfirmed) {
        lastSequence = Math.max(lastSequence, sequence);
        Step step = new Step(lastSequence, whenConfirmed);
        steps.add(step);
        return step;
    }

    /** Begins a step without a number of its own. */
    Step begin() {
        return begin(lastSequence, () -> {});
    }

    private void confirm() {
        while (!steps.isEmpty() && steps.element().outstanding == 0) {
            Step over = steps.remove();
            confirmedSequence = Math.max(confirmedSequence, over.sequence);
            over.whenConfirmed.run();
        }
    }

    /** One request's settlements. Owned by the connection's lane. */
    final class Step {
        private final long sequence;
        private final Runnable whenConfirmed;
        /** One for each partition that has not answered, and one until the step has begun. */
        private int outstanding = 1;

        private Step(long sequence, Runnable whenConfirmed) {
            this.sequence = sequence;
            this.whenConfirmed = whenConfirmed;
        }

        /** A partition was asked. */
        void asked() {
            outstanding++;
        }

        /** A partition answered. */
        void answered() {
            if (--outstanding == 0) {
                confirm();
            }
        }

        /** All partitions have been asked. */
        void begun() {
            answered();
        }
    }
}
