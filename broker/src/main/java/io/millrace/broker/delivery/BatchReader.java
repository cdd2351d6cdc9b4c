package io.millrace.broker.delivery;

import io.millrace.protocol.record.RecordBatch;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where dispatch finds batches by offset. What was just appended is kept for the consumers that wait for it, so the common message is
 * never read back; what lies further behind is read from the log in chunks, of which the last few are kept.
 *
 * <p>A {@link Batch} that was found is good until the next call of this class.
 *
 * <p>Owned by the partition's lane.
 */
public final class BatchReader {
    /** Enough for many messages, little enough that a partition with a slow consumer costs no memory to speak of. */
    static final int CHUNK_BYTES = 128 * 1024;
    /** Two readers at different places, mostly one who redelivers and one at the front. */
    private static final int CHUNKS = 2;
    /** A batch much larger than a chunk is read again rather than kept: few of them would take all memory. */
    private static final int KEPT_CHUNK_BYTES = 4 * 1024 * 1024;
    /** A consumer further behind reads from the log. */
    static final int TAIL_BYTES = 1024 * 1024;

    private final Source source;
    private final Tail tail = new Tail();
    private final List<Chunk> chunks = new ArrayList<>(CHUNKS + 1);

    /** The message log, as dispatch reads it. */
    public interface Source {
        /**
         * Whole batches, in order, from the one that holds {@code offset} or the first behind it, all below {@code beforeOffset}; the
         * first even if it is larger than {@code maxBytes}. Null if there is none. The buffer is the caller's to release.
         *
         * @throws NoRoomException if there is no memory for it now
         */
        @Nullable
        ByteBuf read(long offset, int maxBytes, long beforeOffset);
    }

    public BatchReader(Source source) {
        this.source = source;
    }

    /** Keeps a batch that was just appended. Takes a reference of its own to {@code bytes}, which hold just that batch. */
    public void keep(RecordBatch batch, ByteBuf bytes) {
        tail.add(batch, bytes);
        while (tail.bytes > TAIL_BYTES) {
            tail.removeFirst();
        }
    }

    /** Forgets kept batches below {@code offset}. */
    public void forgetBelow(long offset) {
        tail.removeBelow(offset);
    }

    /** Forgets what was kept of the end of the log. */
    public void forgetTail() {
        tail.removeBelow(Long.MAX_VALUE);
    }

    /** Forgets chunks of very large batches. */
    void forgetLarge() {
        chunks.removeIf(chunk -> {
            boolean large = chunk.bytes.capacity() > KEPT_CHUNK_BYTES;
            if (large) {
                chunk.release();
            }
            return large;
        });
    }

    /** Forgets everything; it can all be read again. */
    public void clear() {
        forgetTail();
        chunks.forEach(Chunk::release);
        chunks.clear();
    }

    /** How many bytes are kept of the end of the log and of chunks. */
    public long keptBytes() {
        long sum = tail.bytes;
        for (Chunk chunk : chunks) {
            sum += chunk.bytes.capacity();
        }
        return sum;
    }

    /**
     * The batch that holds {@code offset}, or the first one behind it; null if there is none below {@code beforeOffset}.
     *
     * @throws NoRoomException if there is no memory for it now
     */
    @Nullable
    Batch at(long offset, long beforeOffset) {
        if (offset >= beforeOffset) {
            return null;
        }
        Batch found = tail.at(offset);
        if (found == null) {
            found = chunkAt(offset, beforeOffset);
        }
        return found != null && found.baseOffset() < beforeOffset ? found : null;
    }

    /** Whether the log itself, not what is kept of it, holds no batch between {@code first} and {@code end}. */
    boolean isGap(long first, long end) {
        ByteBuf bytes = source.read(first, RecordBatch.HEADER_BYTES, end);
        if (bytes == null) {
            return true;
        }
        try {
            RecordBatch batch = new RecordBatch(bytes.nioBuffer(), 0);
            return batch.nextOffset() <= first || batch.baseOffset() >= end;
        } finally {
            bytes.release();
        }
    }

    private @Nullable Batch chunkAt(long offset, long beforeOffset) {
        for (int i = chunks.size() - 1; i >= 0; i--) {
            Chunk chunk = chunks.get(i);
            if (chunk.holds(offset)) {
                if (i < chunks.size() - 1) {
                    chunks.remove(i);
                    chunks.add(chunk);
                }
                return chunk.at(offset);
            }
        }
        ByteBuf bytes = source.read(offset, CHUNK_BYTES, beforeOffset);
        if (bytes == null) {
            return null;
        }
        if (chunks.size() == CHUNKS) {
            chunks.remove(0).release();
        }
        Chunk chunk = new Chunk(offset, bytes);
        chunks.add(chunk);
        return chunk.at(offset);
    }

    /** Batches read at once. */
    private static final class Chunk {
        private final long firstOffset;
        private final ByteBuf bytes;
        private final List<Batch> batches = new ArrayList<>();
        private int at;

        Chunk(long firstOffset, ByteBuf bytes) {
            this.firstOffset = firstOffset;
            this.bytes = bytes;
            ByteBuffer view = bytes.nioBuffer();
            int position = view.position();
            while (RecordBatch.isComplete(view, position, view.limit())) {
                RecordBatch header = new RecordBatch(view, position);
                batches.add(new Batch(header));
                position = header.end();
            }
        }

        boolean holds(long offset) {
            return offset >= firstOffset
                    && !batches.isEmpty()
                    && offset < batches.get(batches.size() - 1).nextOffset();
        }

        @Nullable
        Batch at(long offset) {
            if (!holds(offset)) {
                return null;
            }
            if (at > 0 && batches.get(at - 1).nextOffset() > offset) {
                at = 0;
            }
            while (batches.get(at).nextOffset() <= offset) {
                at++;
            }
            return batches.get(at);
        }

        void release() {
            bytes.release();
        }
    }

    /** The batches appended last, without a gap between them and the end of the log. A ring. */
    private static final class Tail {
        private static final int FIRST_SIZE = 16;

        private @Nullable Batch[] batches = new Batch[FIRST_SIZE];
        private @Nullable ByteBuf[] buffers = new ByteBuf[FIRST_SIZE];
        private int head;
        private int count;
        private long bytes;

        void add(RecordBatch batch, ByteBuf buffer) {
            if (count > 0 && get(count - 1).nextOffset() != batch.baseOffset()) {
                removeBelow(Long.MAX_VALUE);
            }
            if (count == batches.length) {
                grow();
            }
            int index = (head + count) & (batches.length - 1);
            batches[index] = new Batch(batch);
            buffers[index] = buffer.retain();
            count++;
            bytes += batch.sizeBytes();
        }

        void removeBelow(long offset) {
            while (count > 0 && get(0).nextOffset() <= offset) {
                removeFirst();
            }
        }

        void removeFirst() {
            bytes -= get(0).sizeBytes();
            ByteBuf buffer = buffers[head];
            batches[head] = null;
            buffers[head] = null;
            head = (head + 1) & (batches.length - 1);
            count--;
            if (buffer != null) {
                buffer.release();
            }
        }

        @Nullable
        Batch at(long offset) {
            if (count == 0 || offset < get(0).baseOffset()) {
                return null;
            }
            int low = 0;
            int high = count - 1;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (get(middle).nextOffset() > offset) {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            return get(low).nextOffset() > offset ? get(low) : null;
        }

        private Batch get(int i) {
            Batch batch = batches[(head + i) & (batches.length - 1)];
            if (batch == null) {
                throw new IllegalStateException("no batch at " + i + " of " + count);
            }
            return batch;
        }

        private void grow() {
            @Nullable Batch[] moreBatches = new Batch[batches.length * 2];
            @Nullable ByteBuf[] moreBuffers = new ByteBuf[batches.length * 2];
            for (int i = 0; i < count; i++) {
                moreBatches[i] = batches[(head + i) & (batches.length - 1)];
                moreBuffers[i] = buffers[(head + i) & (batches.length - 1)];
            }
            batches = moreBatches;
            buffers = moreBuffers;
            head = 0;
        }
    }
}
