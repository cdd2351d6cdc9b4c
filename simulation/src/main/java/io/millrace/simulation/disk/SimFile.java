package io.millrace.simulation.disk;

import io.millrace.broker.log.StorageFile;
import java.nio.ByteBuffer;

/** A handle of a file of a simulated disk. */
final class SimFile implements StorageFile {
    private final SimDisk disk;
    private final Inode file;
    private final String path;
    private final int mount;
    private boolean closed;

    SimFile(SimDisk disk, Inode file, String path, int mount) {
        this.disk = disk;
        this.file = file;
        this.path = path;
        this.mount = mount;
    }

    @Override
    public void write(long position, ByteBuffer... buffers) {
        requireOpen();
        long at = position;
        for (ByteBuffer buffer : buffers) {
            long end = at + buffer.remaining();
            long growthBytes = Math.max(0, end - file.sizeBytes());
            if (growthBytes > disk.roomBytes()) {
                long fitting = Math.max(0, buffer.remaining() - growthBytes + disk.roomBytes());
                file.write(at, buffer.slice(buffer.position(), (int) fitting));
                disk.recount();
                throw disk.full(path);
            }
            disk.grow(growthBytes);
            file.write(at, buffer);
            at = end;
        }
    }

    @Override
    public int read(long position, ByteBuffer into) {
        requireOpen();
        disk.read(path);
        return file.read(position, into);
    }

    @Override
    public long size() {
        requireOpen();
        return file.sizeBytes();
    }

    @Override
    public void truncate(long size) {
        requireOpen();
        if (size > file.sizeBytes()) {
            throw new IllegalArgumentException("cutting " + path + " of " + file.sizeBytes() + " bytes to " + size);
        }
        if (disk.truncates()) {
            disk.grow(size - file.sizeBytes());
            file.truncate(size);
        }
    }

    @Override
    public void force() {
        requireOpen();
        disk.flush(path, file);
    }

    @Override
    public void close() {
        closed = true;
    }

    private void requireOpen() {
        disk.requireMount(mount, path);
        if (closed) {
            throw new IllegalStateException(path + " is closed");
        }
    }
}
