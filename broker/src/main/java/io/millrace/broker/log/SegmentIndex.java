package io.millrace.broker.log;

import java.nio.ByteBuffer;
import java.util.function.Predicate;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The index of one segment, by offset, by position and by time: for a batch every few KiB its base offset, where it lies, and the largest
 * timestamp of all batches before it. All three only grow, so one bisection serves them all.
 *
 * <p>On disk it is a row of blocks of 512 bytes, each with its CRC: a header (magic, version, count, CRC) and up to 31 entries of 16
 * bytes. The block being filled is kept in memory and written when it is full or the segment ends. A closed segment's last entry
 * is its end. The index is never needed to know what the log holds: {@link DamagedException} asks for it to be made again.
 *
 * <p>Owned by the partition's lane.
 */
final class SegmentIndex {
    static final int BLOCK_BYTES = 512;
    static final int ENTRIES_PER_BLOCK = 31;

    private static final int MAGIC = 0x4d524958;
    private static final byte VERSION = 1;
    private static final int VERSION_AT = 4;
    private static final int COUNT_AT = 5;
    private static final int CRC_AT = 12;
    private static final int HEADER_BYTES = 16;
    private static final int ENTRY_BYTES = 16;

    private final LogFiles files;
    private final long baseOffset;
    private @Nullable SharedFile opened;
    /** Blocks in the file before the one in memory. */
    private int fullBlocks;
    /** The last block: its first {@code pendingCount} entries hold. */
    private final ByteBuffer pending = ByteBuffer.allocate(BLOCK_BYTES);

    private int pendingCount;
    private boolean pendingWritten = true;
    private @Nullable ByteBuffer cached;
    private int cachedBlock = -1;

    /** A batch, or the end of a segment. */
    record Entry(long offset, long position, long maxTimestampBeforeMs) {}

    /** Thrown when a block is not as it was written. */
    static final class DamagedException extends Exception {
        private static final long serialVersionUID = 1;

        DamagedException(String message) {
            super(message);
        }
    }

    private SegmentIndex(LogFiles files, long baseOffset) {
        this.files = files;
        this.baseOffset = baseOffset;
    }

    /** An empty index. A file that is there must be empty too; it is opened once there is something to write. */
    static SegmentIndex create(LogFiles files, long baseOffset) {
        return new SegmentIndex(files, baseOffset);
    }

    /** The index that a file holds; an empty one if there is none. Only the last block is looked at now, and the file closed again. */
    static SegmentIndex load(LogFiles files, long baseOffset) throws DamagedException {
        SegmentIndex index = new SegmentIndex(files, baseOffset);
        try (StorageFile file = files.openIfExists(baseOffset, LogFiles.INDEX)) {
            int blocks = file == null ? 0 : (int) (file.size() / BLOCK_BYTES);
            if (file != null && blocks > 0) {
                index.adoptLast(index.block(blocks - 1, file), blocks - 1);
            }
        }
        return index;
    }

    SharedFile shared() {
        if (opened == null) {
            opened = files.open(baseOffset, LogFiles.INDEX);
        }
        return opened;
    }

    /** Gives the file back. */
    void close() {
        if (opened != null) {
            files.close(opened);
            opened = null;
        }
    }

    /** Adds an entry; offset and position are above those of the last one. */
    void add(long offset, long position, long maxTimestampBeforeMs) {
        if (pendingCount == ENTRIES_PER_BLOCK) {
            flush();
            if (pendingWritten) {
                fullBlocks++;
            }
            // Else the block is lost: the index has a hole, which costs its readers a longer walk.
            pendingCount = 0;
        }
        int at = HEADER_BYTES + pendingCount * ENTRY_BYTES;
        pending.putInt(at, (int) (offset - baseOffset));
        pending.putInt(at + 4, (int) position);
        pending.putLong(at + 8, maxTimestampBeforeMs);
        pendingCount++;
        pendingWritten = false;
    }

    /** Writes the last block. What can not be written, as the disk is full, stays in memory. */
    void flush() {
        if (pendingWritten || pendingCount == 0) {
            return;
        }
        pending.putInt(0, MAGIC);
        pending.put(VERSION_AT, VERSION);
        pending.put(COUNT_AT, (byte) pendingCount);
        pending.putInt(CRC_AT, crcOf(pending));
        try {
            shared().file()
                    .write((long) fullBlocks * BLOCK_BYTES, pending.duplicate().clear());
            pendingWritten = true;
        } catch (StorageException e) {
            // An index can be made again: no reason to refuse what it is about.
            pendingWritten = false;
        }
    }

    /** Forgets the entries at or above a position of the segment. */
    void truncate(long position) throws DamagedException {
        while (pendingCount > 0 && entry(pending, pendingCount - 1).position() >= position) {
            pendingCount--;
            pendingWritten = false;
            if (pendingCount == 0 && fullBlocks > 0) {
                adoptLast(block(fullBlocks - 1), fullBlocks - 1);
            }
        }
        cachedBlock = -1;
        shared().file().truncate(Math.min(shared().file().size(), (long) fullBlocks * BLOCK_BYTES));
        pendingWritten = false;
    }

    /** The last entry, or null if there is none. */
    @Nullable
    Entry last() {
        return pendingCount == 0 ? null : entry(pending, pendingCount - 1);
    }

    /** The last entry for which something holds that, once it fails, fails for all later ones; the segment's beginning if for none. */
    Entry floor(Predicate<Entry> holds) throws DamagedException {
        if (pendingCount > 0 && holds.test(entry(pending, 0))) {
            return floorIn(pending, pendingCount, holds);
        }
        int low = -1;
        int high = fullBlocks - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (holds.test(entry(block(middle), 0))) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        if (low < 0) {
            return new Entry(baseOffset, 0, Long.MIN_VALUE);
        }
        ByteBuffer block = block(low);
        return floorIn(block, block.get(COUNT_AT), holds);
    }

    private Entry floorIn(ByteBuffer block, int count, Predicate<Entry> holds) {
        int low = 0;
        int high = count - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (holds.test(entry(block, middle))) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return entry(block, low);
    }

    private Entry entry(ByteBuffer block, int number) {
        int at = HEADER_BYTES + number * ENTRY_BYTES;
        return new Entry(
                baseOffset + Integer.toUnsignedLong(block.getInt(at)), block.getInt(at + 4), block.getLong(at + 8));
    }

    private void adoptLast(ByteBuffer block, int number) {
        pending.clear().put(block).clear();
        pendingCount = pending.get(COUNT_AT);
        pendingWritten = true;
        fullBlocks = number;
    }

    private ByteBuffer block(int number) throws DamagedException {
        if (number == cachedBlock && cached != null) {
            return cached.clear();
        }
        return block(number, shared().file());
    }

    private ByteBuffer block(int number, StorageFile file) throws DamagedException {
        if (cached == null) {
            cached = ByteBuffer.allocate(BLOCK_BYTES);
        }
        ByteBuffer block = cached.clear();
        cachedBlock = -1;
        int count = file.read((long) number * BLOCK_BYTES, block);
        block.clear();
        if (count != BLOCK_BYTES
                || block.getInt(0) != MAGIC
                || block.get(VERSION_AT) != VERSION
                || block.getInt(CRC_AT) != crcOf(block)
                || block.get(COUNT_AT) <= 0
                || block.get(COUNT_AT) > ENTRIES_PER_BLOCK) {
            throw new DamagedException("block " + number + " of the index of segment " + baseOffset + " is damaged");
        }
        cachedBlock = number;
        return block;
    }

    private static int crcOf(ByteBuffer block) {
        CRC32C crc = new CRC32C();
        crc.update(block.slice(0, CRC_AT));
        crc.update(block.slice(HEADER_BYTES, BLOCK_BYTES - HEADER_BYTES));
        return (int) crc.getValue();
    }
}
