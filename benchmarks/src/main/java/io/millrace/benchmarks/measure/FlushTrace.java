package io.millrace.benchmarks.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The system calls with which a process asked for its data to be on disk, as strace wrote them down. The filter runs in the
 * kernel (seccomp), so other calls cost nothing and root is not needed.
 */
public final class FlushTrace {
    private static final String CALLS = "fsync,fdatasync,msync,sync_file_range,syncfs";

    private FlushTrace() {}

    /** The words to put before a command so that its flushes, with their times, are written to {@code file}. */
    public static List<String> prefix(Path file) {
        return List.of(
                "strace",
                "-D",
                "-f",
                "--seccomp-bpf",
                "-qq",
                "-ttt",
                "-e",
                "signal=none",
                "-e",
                "trace=" + CALLS,
                "-o",
                file.toString());
    }

    /** Whether {@link #prefix} works here: strace is there, new enough and allowed to trace. */
    public static boolean isAvailable() {
        try {
            Path file = Files.createTempFile("flush-trace", ".txt");
            try {
                List<String> command =
                        Stream.concat(prefix(file).stream(), Stream.of("true")).toList();
                Process process = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
                return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** How many flushes began between two moments, in seconds since the epoch. */
    public static long count(Path file, double fromEpochSeconds, double toEpochSeconds) throws IOException {
        try (Stream<String> lines = Files.lines(file)) {
            return count(lines, fromEpochSeconds, toEpochSeconds);
        }
    }

    static long count(Stream<String> lines, double fromEpochSeconds, double toEpochSeconds) {
        return lines.filter(line -> isFlushWithin(line, fromEpochSeconds, toEpochSeconds))
                .count();
    }

    private static boolean isFlushWithin(String line, double from, double to) {
        // "4711 1700000000.123456 fdatasync(12) = 0"; a call that another one interrupts appears again as "<...
        // resumed>".
        String[] words = line.strip().split("\\s+", 3);
        if (words.length < 3 || words[2].startsWith("<...") || !words[2].contains("(")) {
            return false;
        }
        try {
            double at = Double.parseDouble(words[1]);
            return at >= from && at <= to;
        } catch (NumberFormatException e) {
            return false; // the last line of a killed tracer may be torn
        }
    }
}
