package io.millrace.benchmarks.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What a process has used since it began: CPU time and memory, from Linux's /proc. */
public record ProcessUsage(double cpuMs, long residentBytes) {
    /** USER_HZ: 100 on every Linux architecture that a JVM runs on. */
    private static final double TICK_MS = 10;

    private static final long PAGE_BYTES = 4096;

    public static ProcessUsage of(long pid) throws IOException {
        Path directory = Path.of("/proc", Long.toString(pid));
        try {
            return new ProcessUsage(
                    cpuMs(Files.readString(directory.resolve("stat"))),
                    residentBytes(Files.readString(directory.resolve("statm"))));
        } catch (NoSuchFileException e) {
            throw new IOException("process " + pid + " is gone", e);
        }
    }

    /** What several have used together. */
    public static ProcessUsage ofAll(List<Long> pids) throws IOException {
        double cpuMs = 0;
        long residentBytes = 0;
        for (long pid : pids) {
            ProcessUsage one = of(pid);
            cpuMs += one.cpuMs;
            residentBytes += one.residentBytes;
        }
        return new ProcessUsage(cpuMs, residentBytes);
    }

    /** What the compilers of a JVM have used, those that have ended not counted. */
    public static double compilersCpuMs(long pid) throws IOException {
        double cpuMs = 0;
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path thread : (Iterable<Path>) threads::iterator) {
                cpuMs += compilerCpuMs(stat(thread));
            }
        }
        return cpuMs;
    }

    /** Empty if the thread has ended meanwhile. */
    private static String stat(Path thread) throws IOException {
        try {
            return Files.readString(thread.resolve("stat"));
        } catch (NoSuchFileException e) {
            return "";
        }
    }

    /** Nothing for a thread that is no compiler; the kernel cuts names off. */
    static double compilerCpuMs(String stat) {
        return stat.contains("(C1 CompilerThre") || stat.contains("(C2 CompilerThre") ? cpuMs(stat) : 0;
    }

    static double cpuMs(String stat) {
        // The second field is the program's name in brackets and may hold blanks; fields are counted behind it.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        long userTicks = Long.parseLong(fields[11]);
        long systemTicks = Long.parseLong(fields[12]);
        return (userTicks + systemTicks) * TICK_MS;
    }

    static long residentBytes(String statm) {
        return Long.parseLong(statm.split(" ", -1)[1]) * PAGE_BYTES;
    }
}
