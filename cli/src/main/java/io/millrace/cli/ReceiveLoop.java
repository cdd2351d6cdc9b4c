package io.millrace.cli;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Receives, prints, and only then acknowledges: each batch of messages that were there at once, or {@value #BATCH} of
 * them, so that one answer of the broker serves many. Owned by the thread that receives.
 */
final class ReceiveLoop {
    private static final int BATCH = 100;
    private static final long SLICE_MS = 100; // how soon Ctrl-C is seen
    private static final long MORE_MS = 1; // a message within that time belongs to the batch

    private final MessageConsumer consumer;
    private final MessagePrinter printer;
    private final Interruption interruption;
    private final Progress progress;

    ReceiveLoop(MessageConsumer consumer, MessagePrinter printer, Interruption interruption, Progress progress) {
        this.consumer = consumer;
        this.printer = printer;
        this.interruption = interruption;
        this.progress = progress;
    }

    /** Goes on until the count is reached, nothing came for the timeout, or somebody interrupts; how many came. */
    long run(long count, @Nullable Duration timeout) throws JMSException, CommandException {
        long received = 0;
        long timeoutNs = timeout == null ? Long.MAX_VALUE : TimeUnit.NANOSECONDS.convert(timeout); // saturates
        long idleSinceNs = System.nanoTime();
        while (received < count && !interruption.stopped()) {
            Message message = consumer.receive(waitMs(timeoutNs, idleSinceNs));
            if (message == null) {
                if (timeout != null && System.nanoTime() - idleSinceNs >= timeoutNs) {
                    break;
                }
                continue;
            }
            received += batch(message, count - received);
            progress.update(received);
            idleSinceNs = System.nanoTime();
        }
        return received;
    }

    private static long waitMs(long timeoutNs, long idleSinceNs) {
        long leftMs = TimeUnit.NANOSECONDS.toMillis(timeoutNs - (System.nanoTime() - idleSinceNs));
        return Math.max(1, Math.min(SLICE_MS, leftMs));
    }

    private int batch(Message first, long limit) throws JMSException, CommandException {
        int printed = 0;
        Message last = first;
        Message message = first;
        while (message != null) {
            printer.print(message);
            printed++;
            last = message;
            boolean full = printed == BATCH || printed == limit || interruption.stopped();
            message = full ? null : consumer.receive(MORE_MS);
        }
        last.acknowledge();
        return printed;
    }
}
