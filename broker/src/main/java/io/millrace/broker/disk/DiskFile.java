package io.millrace.broker.disk;

import io.millrace.broker.log.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** A file of the file system. */
public final class DiskFile implements StorageFile {
    private final Path path;
    private final FileChannel channel;

    DiskFile(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /** The channel, for transfers that need no copy. Read only, and only while the file is held open. */
    public FileChannel channel() {
        return channel;
    }

    @Override
    public void write(long position, ByteBuffer... buffers) {
        try {
            if (buffers.length == 1) {
                writeOne(position, buffers[0]);
            } else {
                writeGathered(position, buffers);
            }
        } catch (IOException e) {
            throw Disk.failure("write " + path + " at " + position, e);
        }
    }

    private void writeOne(long position, ByteBuffer buffer) throws IOException {
        long at = position;
        while (buffer.hasRemaining()) {
            at += channel.write(buffer, at);
        }
    }

    /** There is no gathering write with a position: it uses the channel's, which only the writer moves. */
    private void writeGathered(long position, ByteBuffer[] buffers) throws IOException {
        channel.position(position);
        int first = 0;
        while (first < buffers.length) {
            if (buffers[first].hasRemaining()) {
                channel.write(buffers, first, buffers.length - first);
            } else {
                first++;
            }
        }
    }

    @Override
    public int read(long position, ByteBuffer into) {
        int total = 0;
        try {
            while (into.hasRemaining()) {
                int count = channel.read(into, position + total);
                if (count < 0) {
                    break;
                }
                total += count;
            }
        } catch (IOException e) {
            throw Disk.failure("read " + path + " at " + position, e);
        }
        return total;
    }

    @Override
    public long size() {
        try {
            return channel.size();
        } catch (IOException e) {
            throw Disk.failure("size of " + path, e);
        }
    }

    @Override
    public void truncate(long size) {
        try {
            channel.truncate(size);
        } catch (IOException e) {
            throw Disk.failure("truncate " + path + " to " + size, e);
        }
    }

    @Override
    public void force() {
        try {
            channel.force(false);
        } catch (IOException e) {
            throw Disk.syncFailure("sync " + path, e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw Disk.failure("close " + path, e);
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
