package io.millrace.broker.partition;

import io.millrace.broker.delivery.BatchReader;
import io.millrace.broker.delivery.NoRoomException;
import io.millrace.broker.log.Log;
import io.millrace.broker.log.LogSlice;
import io.millrace.broker.log.StorageException;
import io.millrace.protocol.record.RecordBatch;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The message log, as dispatch reads it: copied into buffers. Owned by the partition's lane. */
final class MessageSource implements BatchReader.Source {
    /** Below, nobody asks whether there is room. */
    private static final int LARGE_BYTES = 512 * 1024;

    private final Log log;
    private final PartitionShell shell;

    MessageSource(Log log, PartitionShell shell) {
        this.log = log;
        this.shell = shell;
    }

    @Override
    public @Nullable ByteBuf read(long offset, int maxBytes, long beforeOffset) {
        LogSlice slice = log.read(Math.max(offset, log.logStartOffset()), maxBytes, beforeOffset);
        if (slice == null) {
            return null;
        }
        try {
            return copy(slice, room(slice.lengthBytes()));
        } finally {
            slice.release();
        }
    }

    /** The messages of a large batch are copied once more for their consumer. */
    private ByteBuf room(int lengthBytes) {
        if (lengthBytes >= LARGE_BYTES && !shell.hasRoomFor(2L * lengthBytes)) {
            throw new NoRoomException(lengthBytes);
        }
        try {
            return shell.allocator().buffer(lengthBytes, lengthBytes);
        } catch (OutOfMemoryError e) {
            throw new NoRoomException(lengthBytes);
        }
    }

    private ByteBuf copy(LogSlice slice, ByteBuf to) {
        try {
            slice.read(0, to.nioBuffer(0, slice.lengthBytes()));
            to.writerIndex(slice.lengthBytes());
            checkIntact(to.nioBuffer());
            return to;
        } catch (RuntimeException e) {
            to.release();
            throw e;
        }
    }

    /** What a disk has changed is given to nobody. A Kafka consumer checks for itself. */
    private void checkIntact(ByteBuffer batches) {
        int position = batches.position();
        while (RecordBatch.isComplete(batches, position, batches.limit())) {
            RecordBatch batch = new RecordBatch(batches, position);
            if (!batch.isIntact()) {
                throw StorageException.corrupt("the batch at offset " + batch.baseOffset() + " of " + log.key()
                        + " is not as it was written: its CRC does not match; restore it from a backup");
            }
            position = batch.end();
        }
    }
}
