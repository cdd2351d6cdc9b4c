package io.millrace.broker.log;

import java.nio.ByteBuffer;

/**
 * A file: bytes at positions. Every method throws {@link StorageException} when the world fails. Reads may come from any thread beside the
 * one writer; one thread at a time writes, truncates or forces, except that a force may run beside a write (it then covers what was
 * written before it began).
 */
public interface StorageFile extends AutoCloseable {
    /**
     * Writes all bytes between position and limit of each buffer, one after the other, from a position of the file on, and moves the
     * buffers' positions to their limits. Not durable before {@link #force}. After a failure any part of it may have been written.
     */
    void write(long position, ByteBuffer... buffers);

    /** Reads from a position of the file into the buffer until it is full or the file ends; returns how many bytes were read. */
    int read(long position, ByteBuffer into);

    /** How long the file is, in bytes. */
    long size();

    /** Cuts the file to a length that is not above its size. */
    void truncate(long size);

    /** Makes durable what was written, and the file's length (fdatasync). Not tried again when it failed. */
    void force();

    /** Closes this handle. The bytes stay. A second close does nothing. */
    @Override
    void close();
}
