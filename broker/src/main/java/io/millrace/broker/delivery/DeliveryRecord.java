package io.millrace.broker.delivery;

import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One control value of the delivery log. {@link DeliveryState#apply} folds it; {@link DeliveryBatchCodec} writes and reads it. */
public sealed interface DeliveryRecord {
    Kind kind();

    /** The kinds, with their codes in the log. */
    enum Kind {
        OPEN_SUBSCRIPTION(1),
        CLOSE_SUBSCRIPTION(2),
        SETTLE(3),
        DISPATCH_MARK(4),
        EPOCH(5),
        STATE(6),
        ATTACH(7),
        DETACH(8);

        private static final Kind[] KINDS = values();

        private final byte code;

        Kind(int code) {
            this.code = (byte) code;
        }

        byte code() {
            return code;
        }

        /** The kind of a code, or null if there is none. */
        static @Nullable Kind of(byte code) {
            return code < 1 || code > KINDS.length ? null : KINDS[code - 1];
        }
    }

    /** A durable subscription begins at the end that the message log had; {@code by} says who asked. */
    record OpenSubscription(
            int subscriptionId,
            SubscriptionKey key,
            long incarnation,
            @Nullable String selector,
            boolean noLocal,
            @Nullable String by)
            implements DeliveryRecord {
        @Override
        public Kind kind() {
            return Kind.OPEN_SUBSCRIPTION;
        }
    }

    /** A durable subscription is gone, and with it what it retained; {@code by} says who asked. */
    record CloseSubscription(int subscriptionId, @Nullable String by) implements DeliveryRecord {
        @Override
        public Kind kind() {
            return Kind.CLOSE_SUBSCRIPTION;
        }
    }

    /** The settlements of one turn of the lane, of all subscriptions, in the order of their decision. */
    record Settle(List<Entry> entries) implements DeliveryRecord {
        public Settle {
            entries = List.copyOf(entries);
        }

        @Override
        public Kind kind() {
            return Kind.SETTLE;
        }

        /**
         * One outcome for some runs of offsets.
         *
         * @param holder the {@link Attach#holder} of the consumer that held them, or 0 for none
         * @param deliveries for {@link Outcome#FAIL}: how often the messages have been delivered by now; else 0
         * @param ranges first and last offset of each run
         */
        @SuppressWarnings("ArrayRecordComponent") // two longs a run; compared by no one
        record Entry(int subscriptionId, int holder, Outcome outcome, Reason reason, int deliveries, long[] ranges) {
            public Entry {
                Objects.requireNonNull(outcome, "outcome");
                Objects.requireNonNull(reason, "reason");
                if (ranges.length == 0 || ranges.length % 2 != 0) {
                    throw new IllegalArgumentException("a settlement with " + ranges.length + " range ends");
                }
            }
        }
    }

    /**
     * A subscription's dispatch mark: nothing at or above {@code mark} has been dispatched in this epoch, and of what was given back
     * nothing at or above {@code takeBelow} has been dispatched again. Committed before what it allows is dispatched.
     */
    record DispatchMark(int subscriptionId, long mark, long takeBelow) implements DeliveryRecord {
        @Override
        public Kind kind() {
            return Kind.DISPATCH_MARK;
        }
    }

    /** A leader's first record: deliveries of the epoch before are now presumed to have failed, unless their holders return. */
    record Epoch(int leaderEpoch) implements DeliveryRecord {
        @Override
        public Kind kind() {
            return Kind.EPOCH;
        }
    }

    /**
     * A part of the whole fold as it stood behind {@code deliveryOffset} and {@code messageOffset}, so that the delivery log may lose
     * what is older.
     */
    @SuppressWarnings("ArrayRecordComponent") // bytes on their way into or out of a log; compared by no one
    record State(long deliveryOffset, long messageOffset, int index, int count, byte[] bytes)
            implements DeliveryRecord {
        @Override
        public Kind kind() {
            return Kind.STATE;
        }
    }

    /**
     * A consumer came. It gets nothing before this is committed: after a restart those who came and did not go are waited for. Settlements
     * name it by its {@code holder} number, which no other ever has.
     */
    record Attach(
            int holder,
            int subscriptionId,
            UUID connectionId,
            int consumerId,
            @Nullable String clientId,
            @Nullable String user,
            String host)
            implements DeliveryRecord {
        @Override
        public Kind kind() {
            return Kind.ATTACH;
        }
    }

    /** A consumer went, and nobody waits for it. */
    record Detach(int holder, Reason reason) implements DeliveryRecord {
        @Override
        public Kind kind() {
            return Kind.DETACH;
        }
    }
}
