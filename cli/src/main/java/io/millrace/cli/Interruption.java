package io.millrace.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Ctrl-C or SIGTERM during a command: tells it to stop and gives it a moment to do so in order. For any thread. */
final class Interruption {
    private static final long PATIENCE_MS = 5_000;

    private final CountDownLatch over = new CountDownLatch(1);
    private volatile boolean stopped;

    private Interruption() {}

    /** From now on a signal sets {@link #stopped()} and lets the process live until {@link #over()}, up to 5 s. */
    static Interruption install() {
        Interruption interruption = new Interruption();
        interruption.addHook(interruption::awaitOver);
        return interruption;
    }

    /** From now on a signal runs the action and ends the process. */
    static Interruption onSignal(Runnable action) {
        Interruption interruption = new Interruption();
        interruption.addHook(action);
        return interruption;
    }

    private void addHook(Runnable action) {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            if (over.getCount() > 0) {
                                stopped = true;
                                action.run();
                            }
                        },
                        "interruption"));
    }

    private void awaitOver() {
        try {
            var unused = over.await(PATIENCE_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether the command is to stop. */
    boolean stopped() {
        return stopped;
    }

    /** The command has done what it had to. */
    void over() {
        over.countDown();
    }
}
