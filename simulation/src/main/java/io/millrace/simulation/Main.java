package io.millrace.simulation;

import io.millrace.simulation.check.PlantedBug;
import io.millrace.simulation.kernel.Trace;
import io.millrace.simulation.trap.Trap;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Runs seeds by hand: {@code simulation/run [--cluster | --trap NAME] --seeds 1..1000 [--trace] [--twice] [--bug NAME] [--threads N]}. */
public final class Main {
    private static final int EXIT_FAILED = 1;
    private static final int EXIT_USAGE = 2;

    private long firstSeed = 1;
    private long lastSeed = 100;
    private boolean cluster;
    private @Nullable Trap trap;
    private boolean trace;
    private boolean twice;
    private boolean goOn;
    private PlantedBug bug = PlantedBug.NONE;
    private int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);

    private Main() {}

    public static void main(String[] args) throws InterruptedException {
        Main main = new Main();
        try {
            main.parse(List.of(args));
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(
                    "usage: simulation/run [--cluster | --trap NAME] --seeds A..B [--trace] [--twice] [--keep-going] [--threads N] [--bug NAME]");
            System.exit(EXIT_USAGE);
        }
        System.exit(main.run() ? 0 : EXIT_FAILED);
    }

    private void parse(List<String> args) {
        for (int i = 0; i < args.size(); i++) {
            String arg = args.get(i);
            switch (arg) {
                case "--seeds", "--seed" -> {
                    String[] bounds = valueOf(args, ++i).split("\\.\\.", 2);
                    firstSeed = Long.parseLong(bounds[0]);
                    lastSeed = Long.parseLong(bounds[bounds.length - 1]);
                }
                case "--cluster" -> cluster = true;
                case "--trap" -> trap = Trap.of(valueOf(args, ++i));
                case "--trace" -> trace = true;
                case "--twice" -> twice = true;
                case "--keep-going" -> goOn = true;
                case "--threads" -> threads = Integer.parseInt(valueOf(args, ++i));
                case "--bug" ->
                    bug = PlantedBug.valueOf(
                            valueOf(args, ++i).replace('-', '_').toUpperCase(Locale.ROOT));
                default -> throw new IllegalArgumentException("unknown argument " + arg);
            }
        }
    }

    private static String valueOf(List<String> args, int at) {
        if (at >= args.size()) {
            throw new IllegalArgumentException(args.get(at - 1) + " needs a value");
        }
        return args.get(at);
    }

    private boolean run() throws InterruptedException {
        if (trace) {
            RunResult result = run(lastSeed, Trace.to(System.out));
            System.out.println(result.summary());
            return !result.hasFailed();
        }
        AtomicLong next = new AtomicLong(firstSeed);
        List<RunResult> failures = new ArrayList<>();
        long beganNs = System.nanoTime();
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        for (int i = 0; i < threads; i++) {
            pool.execute(() -> work(next, failures));
        }
        pool.shutdown();
        while (!pool.awaitTermination(10, TimeUnit.SECONDS)) {
            System.err.println("seed " + next.get() + ", failures " + failures.size());
        }
        System.out.printf(
                "seeds %d..%d: %d failures in %d s%n",
                firstSeed, lastSeed, failures.size(), (System.nanoTime() - beganNs) / 1_000_000_000);
        return failures.isEmpty();
    }

    private RunResult run(long seed, Trace to) {
        Trap into = trap;
        if (into != null) {
            return SeedRun.run(into, seed, to, bug);
        }
        return cluster ? SeedRun.runCluster(seed, to, bug) : SeedRun.run(seed, to, bug);
    }

    private void work(AtomicLong next, List<RunResult> failures) {
        while (goOn || failures.isEmpty()) {
            long seed = next.getAndIncrement();
            if (seed > lastSeed) {
                return;
            }
            RunResult result = run(seed, Trace.hashOnly());
            if (twice && run(seed, Trace.hashOnly()).traceHash() != result.traceHash()) {
                result = result.failing(new AssertionError("two runs of seed " + seed + " differ"));
            }
            if (result.hasFailed()) {
                synchronized (failures) {
                    failures.add(result);
                    System.out.println(result.summary());
                }
            }
        }
    }
}
