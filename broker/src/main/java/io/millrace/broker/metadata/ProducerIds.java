package io.millrace.broker.metadata;

import io.millrace.broker.metadata.StoreException.Reason;
import io.millrace.broker.metadata.StoreWrite.Create;
import io.millrace.broker.partition.Reply;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Numbers for idempotent producers, each given once in the life of the cluster. They come from the store in blocks, so
 * one costs no trip; the next block is asked for before this one is used up.
 *
 * <p>Each start of a broker leaves out a random stretch. A client keeps its number when it comes back, and the broker
 * that it comes back to may have lost its data directory or had it put back from a copy: then that number must not be
 * another's, whose first messages would be taken for duplicates.
 *
 * <p>Every method may be called from any thread; replies come on the metadata thread.
 */
public final class ProducerIds {
    static final int BLOCK = 1000;
    private static final int LOW = BLOCK / 4;
    /** So many bits of a random number are the blocks left out at a start: numbers suffice for millions of starts. */
    private static final int LEFT_OUT_BITS = 31;

    private final MetadataStore store;
    private final Executor thread;
    private final Supplier<UUID> ids;
    private final Queue<Reply<Long>> waiting = new ArrayDeque<>();
    private long next;
    private long end;
    private long spareFrom;
    private long spareEnd;
    private boolean asking;
    private boolean hasBlock;

    ProducerIds(MetadataStore store, Executor thread, Supplier<UUID> ids) {
        this.store = store;
        this.thread = thread;
        this.ids = ids;
    }

    /** The next unused id. */
    public void next(Reply<Long> reply) {
        thread.execute(() -> {
            waiting.add(reply);
            serve();
        });
    }

    /** Asks for the first block before somebody waits for it. */
    void fetchAhead() {
        serve();
    }

    private void serve() {
        while (!waiting.isEmpty() && hasNext()) {
            long id = next;
            next++;
            waiting.remove().complete(id);
        }
        if (!asking && spareFrom == spareEnd && end - next < LOW) {
            asking = true;
            ask();
        }
    }

    private boolean hasNext() {
        if (next == end) {
            next = spareFrom;
            end = spareEnd;
            spareFrom = 0;
            spareEnd = 0;
        }
        return next < end;
    }

    private void ask() {
        store.get(MetadataCodec.PRODUCER_IDS, new MetadataStore.Callback<>() {
            @Override
            public void onDone(Optional<StoredValue> value) {
                take(value);
            }

            @Override
            public void onFailed(StoreException failure) {
                refuse(failure);
            }
        });
    }

    private void take(Optional<StoredValue> stored) {
        long from = stored.map(MetadataCodec::readProducerIds).orElse(0L) + (hasBlock ? 0 : leftOut());
        String text = MetadataCodec.producerIds(from + BLOCK, ids.get());
        StoreWrite write = stored.isPresent()
                ? new StoreWrite.Set(
                        MetadataCodec.PRODUCER_IDS, text, stored.get().version())
                : new Create(MetadataCodec.PRODUCER_IDS, text, false);
        store.write(List.of(write), new MetadataStore.Callback<>() {
            @Override
            public void onDone(List<Integer> versions) {
                asking = false;
                hasBlock = true;
                spareFrom = from;
                spareEnd = from + BLOCK;
                serve();
            }

            @Override
            public void onFailed(StoreException failure) {
                if (failure.reason() == Reason.OTHER_VERSION || failure.reason() == Reason.EXISTS) {
                    ask(); // another broker took that block
                } else {
                    refuse(failure);
                }
            }
        });
    }

    private long leftOut() {
        return BLOCK * (ids.get().getMostSignificantBits() >>> (Long.SIZE - LEFT_OUT_BITS));
    }

    private void refuse(StoreException failure) {
        asking = false;
        while (!waiting.isEmpty()) {
            Outcomes.fail(waiting.remove(), failure);
        }
    }
}
