package io.millrace.benchmarks.client;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * The account of what was received: each message of each producer exactly once, and for each consumer each producer's in
 * order. Safe for use by many consumers, each with a {@link Reader} of its own.
 */
final class DeliveryAudit {
    private final List<BitSet> seen = new ArrayList<>();
    private final LongAdder received = new LongAdder();

    DeliveryAudit(int producers) {
        for (int i = 0; i < producers; i++) {
            seen.add(new BitSet());
        }
    }

    /** One consumer's view. Owned by the consumer's thread. */
    final class Reader {
        private final long[] last = new long[seen.size()];

        private Reader() {
            Arrays.fill(last, -1);
        }

        void onMessage(Stamp stamp) {
            if (stamp.producer() < 0 || stamp.producer() >= seen.size()) {
                throw new LoadFailure("received a message that nobody here sent: " + stamp);
            }
            BitSet ofProducer = seen.get(stamp.producer());
            int index = Math.toIntExact(stamp.sequence());
            synchronized (ofProducer) {
                if (ofProducer.get(index)) {
                    throw new LoadFailure("received twice: " + stamp);
                }
                ofProducer.set(index);
            }
            if (stamp.sequence() < last[stamp.producer()]) {
                throw new LoadFailure("received out of order, after " + last[stamp.producer()] + ": " + stamp);
            }
            last[stamp.producer()] = stamp.sequence();
            received.increment();
        }
    }

    Reader newReader() {
        return new Reader();
    }

    long received() {
        return received.sum();
    }

    /** Fails unless exactly the first {@code sent[p]} messages of each producer p were received. */
    void check(long[] sent) {
        for (int producer = 0; producer < sent.length; producer++) {
            BitSet ofProducer = seen.get(producer);
            synchronized (ofProducer) {
                int firstMissing = ofProducer.nextClearBit(0);
                if (firstMissing < sent[producer]) {
                    long missing = sent[producer] - ofProducer.cardinality();
                    throw new LoadFailure("lost " + missing + " of the " + sent[producer] + " messages of producer "
                            + producer + ", the first of them number " + firstMissing);
                }
                if (ofProducer.length() > sent[producer]) {
                    throw new LoadFailure("received number " + (ofProducer.length() - 1) + " of producer " + producer
                            + ", who sent " + sent[producer]);
                }
            }
        }
    }
}
