package io.millrace.benchmarks.broker;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A running broker. Its output goes to a log file; the end of it is told when the broker dies or never gets ready. */
public final class BrokerProcess implements AutoCloseable {
    private static final long READY_TIMEOUT_S = 180;
    private static final long STOP_TIMEOUT_S = 60;
    private static final int TOLD_LINES = 30;
    private static final Pattern TOTAL = Pattern.compile("^Total\\s+\\d+\\s+(\\d+)", Pattern.MULTILINE);

    private final String name;
    private final Process process;
    private final Path log;
    private final int port;
    private final long startedEpochMs;
    private final long startedNs;
    private final CountDownLatch readyOrDead = new CountDownLatch(1);
    private volatile long readyNs;
    private volatile boolean ready;

    private BrokerProcess(String name, Process process, Path log, int port, long startedEpochMs, long startedNs) {
        this.name = name;
        this.process = process;
        this.log = log;
        this.port = port;
        this.startedEpochMs = startedEpochMs;
        this.startedNs = startedNs;
    }

    static BrokerProcess start(LaunchPlan plan, Path log) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(plan.command());
        builder.environment().putAll(plan.environment());
        builder.redirectErrorStream(true);
        long epochMs = System.currentTimeMillis();
        long ns = System.nanoTime();
        Process process = Children.adopt(builder.start());
        BrokerProcess broker = new BrokerProcess(plan.name(), process, log, plan.port(), epochMs, ns);
        Thread reader = new Thread(() -> broker.readOutput(plan.ready()), "output of " + plan.name());
        reader.setDaemon(true);
        reader.start();
        return broker;
    }

    /** Waits until the broker says that it serves. */
    public BrokerProcess awaitReady() throws IOException, InterruptedException {
        boolean told = readyOrDead.await(READY_TIMEOUT_S, TimeUnit.SECONDS);
        if (!ready) {
            kill();
            throw new IOException(name
                    + (told ? " ended before it was ready" : " was not ready within " + READY_TIMEOUT_S + " s")
                    + "; the end of " + log + ":\n" + String.join("\n", lastLines()));
        }
        return this;
    }

    public long pid() {
        return process.pid();
    }

    public int port() {
        return port;
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public long startedEpochMs() {
        return startedEpochMs;
    }

    public double millisToReady() {
        return (readyNs - startedNs) / 1e6;
    }

    /** Bytes of live objects on the heap, after a full collection. */
    public Optional<Long> liveHeapBytes() throws IOException, InterruptedException {
        Path output = Files.createTempFile("class-histogram", ".txt");
        try {
            Process jcmd = new ProcessBuilder(Installation.jcmd(), Long.toString(pid()), "GC.class_histogram")
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            jcmd.waitFor();
            Matcher total = TOTAL.matcher(Files.readString(output));
            return total.find() ? Optional.of(Long.valueOf(total.group(1))) : Optional.empty();
        } finally {
            Files.deleteIfExists(output);
        }
    }

    /** As kill -9 does. */
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** Stops it in an orderly way, and the hard way if that takes too long. */
    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(STOP_TIMEOUT_S, TimeUnit.SECONDS)) {
            kill();
        }
    }

    public List<String> lastLines() throws IOException {
        List<String> lines = Files.readAllLines(log);
        return lines.subList(Math.max(0, lines.size() - TOLD_LINES), lines.size());
    }

    private void readOutput(Pattern readyLine) {
        try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8);
                BufferedWriter out =
                        Files.newBufferedWriter(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            String line;
            while ((line = in.readLine()) != null) {
                if (!ready && readyLine.matcher(line).find()) {
                    readyNs = System.nanoTime();
                    ready = true;
                    readyOrDead.countDown();
                }
                out.write(line);
                out.newLine();
                out.flush();
            }
        } catch (IOException e) {
            // The process is gone, or the log can not be written: then awaitReady tells what there is.
        } finally {
            readyOrDead.countDown();
        }
    }
}
