package io.millrace.benchmarks.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The disk below a directory, as Linux counts its work. Counts are of the whole device, whoever caused them: steady on a
 * quiet machine, and they can not miss a flush.
 */
public record BlockDevice(String name, Path stat) {
    private static final int SECTORS_WRITTEN = 6;
    private static final int FLUSHES = 15;
    private static final long SECTOR_BYTES = 512;

    /** What the device has done since boot. */
    public record Work(long flushes, long writtenBytes) {}

    /** Empty when the directory is not on a block device, as on tmpfs or an overlay. */
    public static Optional<BlockDevice> below(Path directory) throws IOException {
        long device = ((Number) Files.getAttribute(directory, "unix:dev")).longValue();
        long major = (device >>> 8) & 0xfff;
        long minor = (device & 0xff) | ((device >>> 12) & 0xfff00);
        Path entry = Path.of("/sys/dev/block/" + major + ":" + minor);
        if (major == 0 || !Files.exists(entry)) {
            return Optional.empty();
        }
        Path real = entry.toRealPath();
        Path parent = real.getParent();
        Path disk = Files.exists(real.resolve("partition")) && parent != null ? parent : real;
        return Optional.of(new BlockDevice(String.valueOf(disk.getFileName()), disk.resolve("stat")));
    }

    public Work work() throws IOException {
        return parse(Files.readString(stat));
    }

    static Work parse(String stat) {
        String[] fields = stat.strip().split("\\s+", -1);
        long flushes = fields.length > FLUSHES ? Long.parseLong(fields[FLUSHES]) : 0; // before Linux 5.5: not counted
        return new Work(flushes, Long.parseLong(fields[SECTORS_WRITTEN]) * SECTOR_BYTES);
    }
}
