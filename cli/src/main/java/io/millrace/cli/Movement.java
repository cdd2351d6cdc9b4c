package io.millrace.cli;

import io.millrace.jms.admin.MillraceAdmin;
import jakarta.jms.JMSException;
import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;

/** Waits until something that the cluster does is done, and shows on a terminal how far it is. Owned by the command's thread. */
final class Movement {
    private static final long STEP_MS = 500;
    private static final int MOST_FAILURES = 20;

    private final ClientOptions client;
    private final PrintWriter err;
    private final boolean isShown = Terminal.isStderr();

    Movement(ClientOptions client, PrintWriter err) {
        this.client = client;
        this.err = err;
    }

    /**
     * Returns when nothing is left. A broker that does not answer for some seconds ends the wait with its failure; a signal ends the wait, and says
     * that the cluster goes on.
     *
     * @param left how many are left
     * @param what of what
     */
    void await(ToIntFunction<ClusterView> left, String what)
            throws JMSException, CommandException, InterruptedException {
        Interruption interruption = Interruption.onSignal(() -> {
            clear();
            err.println("interrupted: the cluster goes on with it; millrace cluster reassign --status shows how far");
            err.flush();
        });
        try {
            awaitNone(left, what);
        } finally {
            interruption.over();
        }
    }

    private void awaitNone(ToIntFunction<ClusterView> left, String what)
            throws JMSException, CommandException, InterruptedException {
        int failures = 0;
        while (true) {
            try (MillraceAdmin admin = client.admin()) {
                ClusterView view = isShown ? ClusterView.withLag(admin, client) : ClusterView.of(admin);
                int count = left.applyAsInt(view);
                failures = 0;
                if (count == 0) {
                    clear();
                    return;
                }
                show(count + " " + what + " left, about " + RateConverter.bytes(view.bytesLeft()) + " to send");
            } catch (JMSException e) {
                if (++failures >= MOST_FAILURES) {
                    throw e;
                }
            }
            TimeUnit.MILLISECONDS.sleep(STEP_MS);
        }
    }

    private void show(String line) {
        if (isShown) {
            err.print("\r\033[K" + line);
            err.flush();
        }
    }

    private void clear() {
        if (isShown) {
            err.print("\r\033[K");
            err.flush();
        }
    }
}
