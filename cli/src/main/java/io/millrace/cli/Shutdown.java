package io.millrace.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What a signal (Ctrl-C, SIGTERM) does to a command: asks it to stop, gives it a while to finish, and ends the process
 * with the command's own exit code instead of the signal's. For any thread.
 */
final class Shutdown {
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile boolean asked;
    private volatile int exitCode;

    private Shutdown() {}

    /**
     * From now on a signal runs {@code stop}.
     *
     * @param stop asks the command to finish; runs on a thread of its own
     * @param patience how long the command may take to finish after that
     */
    static Shutdown install(Runnable stop, Duration patience) {
        Shutdown shutdown = new Shutdown();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> shutdown.onExit(stop, patience), "millrace-shutdown"));
        return shutdown;
    }

    /** Whether a signal has come. */
    boolean isAsked() {
        return asked;
    }

    /** Says that the command is through. */
    int finished(int code) {
        exitCode = code;
        finished.countDown();
        return code;
    }

    private void onExit(Runnable stop, Duration patience) {
        if (finished.getCount() == 0) {
            return; // the command ended by itself
        }
        asked = true;
        try {
            stop.run();
            if (!finished.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                System.err.println("millrace: did not stop within " + patience.toSeconds() + " s");
                exitCode = 1;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        System.out.flush();
        Runtime.getRuntime().halt(exitCode);
    }
}
