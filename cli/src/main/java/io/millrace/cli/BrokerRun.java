package io.millrace.cli;

import io.millrace.broker.Broker;
import io.millrace.broker.config.BrokerConfig;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The life of a broker's process, whose end has three ways: a signal stops the broker in order, exit code 0; a start
 * that fails throws; a fatal fault halts at once with exit code 1, since nothing written after it could be trusted. The
 * signal is heard from the beginning, also while the broker starts. Owned by the main thread; signals and faults come on
 * their own.
 */
final class BrokerRun {
    private static final long START_PATIENCE_MS = 3_000;

    private final PrintWriter out;
    private final PrintWriter err;
    private final CountDownLatch startOver = new CountDownLatch(1);
    private final CountDownLatch forEver = new CountDownLatch(1);
    private volatile @Nullable Broker broker;
    private volatile boolean failed;

    BrokerRun(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
    }

    /** Starts the broker, says that it is ready, and does not return until the process ends. */
    void run(Path data, BrokerConfig config) throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(this::onSignal, "stop"));
        try {
            Broker started = Broker.start(data, config, this::onFault);
            broker = started;
            out.println("millrace: ready on " + started.address());
            out.flush();
        } catch (RuntimeException | Error e) {
            failed = true;
            throw e;
        } finally {
            startOver.countDown();
        }
        forEver.await();
    }

    private void onSignal() {
        if (failed) {
            return;
        }
        try {
            // A start cut short is no harm: the next one recovers as after kill -9.
            var unused = startOver.await(START_PATIENCE_MS, TimeUnit.MILLISECONDS);
            Broker running = broker;
            if (running != null) {
                running.close();
            }
            halt(0);
        } catch (Throwable e) {
            err.println("millrace: the broker did not stop in order: " + Failures.line(e));
            halt(Main.FAILED);
        }
    }

    private void onFault(String what) {
        failed = true;
        err.println("millrace: the broker stops, since it can not go on: " + Failures.oneLine(what));
        halt(Main.FAILED);
    }

    private void halt(int exitCode) {
        out.flush();
        err.flush();
        Runtime.getRuntime().halt(exitCode); // exit would end with the signal's code
    }
}
