package io.millrace.simulation.disk;

import io.millrace.simulation.kernel.Chance;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A file's content twice: as the page cache shows it, and as the platter holds it. Of the platter only the sectors that differ are
 * kept: those that wait to be written, and those that a failed flush gave up, which no later flush writes although readers see them.
 */
final class Inode {
    static final int SECTOR_BYTES = 512;
    private static final int PAGE_BYTES = 4096;
    /** How much of what waits is on the platter when the power goes. */
    private static final List<Double> PARTS_REACHED = List.of(0.0, 0.1, 0.5, 0.9, 1.0);

    /** The page cache; a missing page is all zeros. */
    private byte[][] pages = new byte[0][];

    private long sizeBytes;
    private long durableSizeBytes;
    /** What the platter holds in sectors that wait to be written, by sector. */
    private final TreeMap<Long, byte[]> waiting = new TreeMap<>();
    /** What the platter holds in sectors that a failed flush gave up, by sector. */
    private final TreeMap<Long, byte[]> givenUp = new TreeMap<>();

    long sizeBytes() {
        return sizeBytes;
    }

    boolean hasUnsynced() {
        return !waiting.isEmpty() || durableSizeBytes != sizeBytes;
    }

    void write(long position, ByteBuffer bytes) {
        int length = bytes.remaining();
        if (length == 0) {
            return;
        }
        markWaiting(position, position + length);
        for (long at = position; at < position + length; ) {
            int inPage = (int) (at % PAGE_BYTES);
            int count = (int) Math.min(PAGE_BYTES - inPage, position + length - at);
            bytes.get(pageForWriting(at), inPage, count);
            at += count;
        }
        sizeBytes = Math.max(sizeBytes, position + length);
    }

    /** Reads what there is, up to what fits. Answers how much, 0 at or past the end. */
    int read(long position, ByteBuffer into) {
        int length = (int) Math.max(0, Math.min(into.remaining(), sizeBytes - position));
        for (long at = position; at < position + length; ) {
            int inPage = (int) (at % PAGE_BYTES);
            int count = (int) Math.min(PAGE_BYTES - inPage, position + length - at);
            byte[] page = page(at);
            if (page == null) {
                into.put(new byte[count]);
            } else {
                into.put(page, inPage, count);
            }
            at += count;
        }
        return length;
    }

    void truncate(long toBytes) {
        if (toBytes < sizeBytes) {
            markWaiting(toBytes, sizeBytes);
            zero(toBytes, sizeBytes);
            sizeBytes = toBytes;
        }
    }

    /** Flushes: what waits is on the platter. */
    void sync() {
        waiting.clear();
        durableSizeBytes = sizeBytes;
    }

    /** Fails a flush: some of what waits is on the platter, the rest never will be, and nobody is told again. */
    void failSync(Chance chance) {
        double reached = chance.nextDouble();
        for (Map.Entry<Long, byte[]> sector : waiting.entrySet()) {
            if (!chance.chance(reached)) {
                givenUp.putIfAbsent(sector.getKey(), sector.getValue());
            }
        }
        waiting.clear();
        durableSizeBytes = sizeBytes;
    }

    /** Loses power: of what waited each sector is on the platter or is not, in no order. */
    void crash(Chance chance) {
        boolean cut = sizeBytes < durableSizeBytes;
        boolean cutReached = cut && chance.chance(0.5);
        if (cut && !cutReached) {
            revert(waiting.tailMap(sizeBytes / SECTOR_BYTES), 0, chance);
            sizeBytes = durableSizeBytes;
        }
        revert(waiting, chance.oneOf(PARTS_REACHED), chance);
        revert(givenUp, 0, chance);
        if (cutReached) {
            zero(sizeBytes, durableSizeBytes);
        } else if (sizeBytes > durableSizeBytes) {
            growPartly(chance);
        }
        durableSizeBytes = sizeBytes;
    }

    private void growPartly(Chance chance) {
        long size =
                switch (chance.below(3)) {
                    case 0 -> durableSizeBytes;
                    case 1 -> sizeBytes;
                    default -> chance.between(durableSizeBytes, sizeBytes);
                };
        zero(size, sizeBytes);
        sizeBytes = size;
    }

    /** Lets the page cache forget what a failed flush gave up: readers see the platter again. */
    void evictGivenUp(Chance chance) {
        revert(givenUp, 0.5, chance);
    }

    /** Turns one bit over, on the platter and in the cache. */
    void flipBit(long position, int bit) {
        pageForWriting(position)[(int) (position % PAGE_BYTES)] ^= (byte) (1 << bit);
    }

    private void revert(SortedMap<Long, byte[]> sectors, double reached, Chance chance) {
        for (Iterator<Map.Entry<Long, byte[]>> i = sectors.entrySet().iterator(); i.hasNext(); ) {
            Map.Entry<Long, byte[]> sector = i.next();
            if (!chance.chance(reached)) {
                long at = sector.getKey() * SECTOR_BYTES;
                System.arraycopy(sector.getValue(), 0, pageForWriting(at), (int) (at % PAGE_BYTES), SECTOR_BYTES);
            }
            i.remove();
        }
    }

    private void markWaiting(long from, long to) {
        for (long sector = from / SECTOR_BYTES; sector * SECTOR_BYTES < to; sector++) {
            byte[] platter = givenUp.remove(sector);
            if (waiting.containsKey(sector)) {
                continue;
            }
            waiting.put(sector, platter != null ? platter : sectorOfCache(sector));
        }
    }

    private byte[] sectorOfCache(long sector) {
        byte[] bytes = new byte[SECTOR_BYTES];
        long at = sector * SECTOR_BYTES;
        byte[] page = page(at);
        if (page != null) {
            System.arraycopy(page, (int) (at % PAGE_BYTES), bytes, 0, SECTOR_BYTES);
        }
        return bytes;
    }

    private void zero(long from, long to) {
        for (long at = from; at < to; ) {
            int inPage = (int) (at % PAGE_BYTES);
            int count = (int) Math.min(PAGE_BYTES - inPage, to - at);
            byte[] page = page(at);
            if (page != null) {
                Arrays.fill(page, inPage, inPage + count, (byte) 0);
            }
            at += count;
        }
    }

    private byte @Nullable [] page(long position) {
        int index = (int) (position / PAGE_BYTES);
        return index < pages.length ? pages[index] : null;
    }

    private byte[] pageForWriting(long position) {
        int index = (int) (position / PAGE_BYTES);
        if (index >= pages.length) {
            pages = Arrays.copyOf(pages, Math.max(index + 1, pages.length * 2));
        }
        if (pages[index] == null) {
            pages[index] = new byte[PAGE_BYTES];
        }
        return pages[index];
    }
}
