package io.millrace.benchmarks.broker;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The processes that live now and must not outlive us. */
public final class Children {
    private static final Set<Process> ALIVE = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> ALIVE.forEach(Process::destroyForcibly)));
    }

    private Children() {}

    public static Process adopt(Process process) {
        ALIVE.removeIf(child -> !child.isAlive());
        ALIVE.add(process);
        return process;
    }
}
