package io.millrace.broker.journal;

import io.millrace.broker.log.StorageFile;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * What to write next, and then to sync: one frame, and the file's first block before it if it is the file's first; or, once a run, only a first
 * block.
 *
 * @param name the file's name
 * @param position where in the file
 * @param lengthBytes of all buffers
 */
public record JournalWrite(String name, StorageFile file, long position, List<ByteBuffer> buffers, int lengthBytes) {
    /** Writes it; durable after a force of the file. May be run again. */
    public void run() {
        file.write(position, buffers.stream().map(ByteBuffer::duplicate).toArray(ByteBuffer[]::new));
    }
}
