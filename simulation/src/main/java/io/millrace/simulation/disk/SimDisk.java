package io.millrace.simulation.disk;

import io.millrace.broker.log.StorageDirectory;
import io.millrace.broker.log.StorageException;
import io.millrace.broker.log.StorageException.Kind;
import io.millrace.simulation.check.PlantedBug;
import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * A machine's disk with the operating system's page cache in front of it. A process that dies leaves the page cache as it is; a loss of
 * power takes what was not flushed, sector by sector, in no order between files. Flushes can fail, and then what they were to write is
 * gone though readers still see it; room can run out; bits can turn.
 *
 * <p>Calls take no virtual time of their own: who calls decides when the work begins and when it is done.
 */
public final class SimDisk {
    private final Kernel kernel;
    private final String name;
    private final PlantedBug bug;
    private final Chance chance;
    private final Folder root = new Folder();
    private long capacityBytes = Long.MAX_VALUE;
    private double flushFailures;
    private double readFailures;
    private boolean flushFailed;
    private int mounts;
    private long usedBytes;

    public SimDisk(Kernel kernel, String name, PlantedBug bug) {
        this.kernel = kernel;
        this.bug = bug;
        this.name = name;
        this.chance = kernel.chance(name);
    }

    /** Its root directory, for a process that begins: handles of processes before it are good for nothing. */
    public StorageDirectory mount() {
        mounts++;
        return new SimDirectory(this, root, "", mounts);
    }

    /** Loses what no flush has written. */
    public void losePower() {
        kernel.note(name, "loses power");
        mounts++;
        root.crash(chance);
        recount();
        flushFailed = false;
    }

    /** Takes a process's handles away; the page cache stays, but for what a failed flush gave up: some of that it forgets. */
    public void killProcess() {
        kernel.note(name, "loses its process");
        mounts++;
        root.each(file -> file.evictGivenUp(chance));
    }

    /** How likely each flush fails from now on. */
    public void failFlushes(double probability) {
        flushFailures = probability;
    }

    /** How likely each read fails from now on. */
    public void failReads(double probability) {
        readFailures = probability;
    }

    /** Whether a flush has failed since the power was last lost. */
    public boolean hasFailedFlush() {
        return flushFailed;
    }

    /** Leaves room for that many more bytes. */
    public void leaveRoom(long bytes) {
        recount();
        capacityBytes = usedBytes + bytes;
        kernel.note(name, "has room for bytes", bytes);
    }

    /** Makes room without end. */
    public void makeRoom() {
        capacityBytes = Long.MAX_VALUE;
        kernel.note(name, "has room again");
    }

    public long usedBytes() {
        return usedBytes;
    }

    /** Turns one bit of a file over that is long enough, on the platter and in the cache. Answers where, or nothing if there is no such file. */
    public List<String> flipBit(Predicate<String> ofPath) {
        List<String> paths = new ArrayList<>();
        List<Inode> files = new ArrayList<>();
        root.eachFile("", (path, file) -> {
            if (file.sizeBytes() > 0 && ofPath.test(path)) {
                paths.add(path);
                files.add(file);
            }
        });
        if (files.isEmpty()) {
            return List.of();
        }
        int picked = chance.below(files.size());
        long position = chance.between(0, files.get(picked).sizeBytes() - 1);
        files.get(picked).flipBit(position, chance.below(8));
        kernel.note(name, "turns a bit of " + paths.get(picked), position);
        return List.of(paths.get(picked), Long.toString(position));
    }

    /** The paths of all files, for a report. */
    public List<String> paths() {
        List<String> paths = new ArrayList<>();
        root.eachFile("", (path, file) -> paths.add(path + " " + file.sizeBytes()));
        return paths;
    }

    void requireMount(int mount, String path) {
        if (mount != mounts) {
            throw new IllegalStateException(path + " is used by a process that is dead");
        }
    }

    long roomBytes() {
        return capacityBytes - usedBytes;
    }

    StorageException full(String path) {
        kernel.note(name, "is full");
        return new StorageException(Kind.DISK_FULL, "no room for " + path, null);
    }

    void grow(long bytes) {
        usedBytes += bytes;
    }

    void flush(String path, Inode file) {
        kernel.note(name, "flush");
        if (bug == PlantedBug.SKIP_SEGMENT_FLUSH && path.endsWith(".log")) {
            return;
        }
        if (flushFailures > 0 && chance.chance(flushFailures)) {
            kernel.note(name, "fails to flush " + path);
            flushFailed = true;
            file.failSync(chance);
            if (bug == PlantedBug.IGNORE_FAILED_FLUSH) {
                return;
            }
            throw new StorageException(Kind.IO, "could not flush " + path, null);
        }
        file.sync();
    }

    boolean truncates() {
        return bug != PlantedBug.SKIP_TRUNCATION;
    }

    void flush(Folder folder) {
        if (bug != PlantedBug.SKIP_DIRECTORY_FLUSH) {
            folder.sync();
        }
    }

    void read(String path) {
        if (readFailures > 0 && chance.chance(readFailures)) {
            kernel.note(name, "fails to read " + path);
            throw new StorageException(Kind.IO, "could not read " + path, null);
        }
    }

    void recount() {
        long[] sum = new long[1];
        root.each(file -> sum[0] += file.sizeBytes());
        usedBytes = sum[0];
    }
}
