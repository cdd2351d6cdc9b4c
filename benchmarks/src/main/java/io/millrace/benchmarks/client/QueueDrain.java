package io.millrace.benchmarks.client;

import io.millrace.benchmarks.measure.Figures;
import io.millrace.benchmarks.measure.Window;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import java.io.IOException;
import java.util.Locale;

/**
 * One consumer that empties a queue that {@link QueueFill} filled, and finds every message there once and in order. It may
 * start before the broker is up, and tells when the first message came.
 */
final class QueueDrain {
    private static final int PROGRESS_EVERY = 2_000;
    private static final long FIRST_TIMEOUT_MS = 120_000;
    private static final long NEXT_TIMEOUT_MS = 60_000;
    private static final long NOTHING_MORE_MS = 300;

    private final JobSpec spec;
    private final ClientOutput output;

    QueueDrain(JobSpec spec, ClientOutput output) {
        this.spec = spec;
        this.output = output;
    }

    Figures run() throws JMSException, IOException {
        long count = spec.getLong("count");
        DeliveryAudit audit = new DeliveryAudit(1);
        output.progress(0, count, "waiting for the broker");
        Connection connection = Factories.connect(Factories.newFactory(spec), spec.getLong("connectTimeoutMs"));
        // A broker that comes up during the job was started before its process id could be said: it is in a file then.
        Window window = Window.begin(BrokerPids.of(spec), spec.getPath("dataDirectory"));
        try (QueueReceiver receiver =
                new QueueReceiver(connection, spec.get("queue"), spec.getInt("sizeBytes"), audit.newReader(), false)) {
            if (!receiver.receive(FIRST_TIMEOUT_MS, false)) {
                throw new LoadFailure(
                        "the first of " + count + " messages did not come within " + FIRST_TIMEOUT_MS + " ms");
            }
            long firstEpochMs = System.currentTimeMillis();
            while (audit.received() < count) {
                if (!receiver.receive(NEXT_TIMEOUT_MS, false)) {
                    throw new LoadFailure("received only " + audit.received() + " of " + count + " messages");
                }
                if (audit.received() % PROGRESS_EVERY == 0) {
                    output.progress(
                            audit.received(),
                            count,
                            String.format(Locale.ROOT, "draining, %,d messages", audit.received()));
                }
            }
            Figures figures = window.end(count).with("firstMessageEpochMs", firstEpochMs);
            if (receiver.receive(NOTHING_MORE_MS, false)) {
                throw new LoadFailure("received more than the " + count + " messages that were sent");
            }
            audit.check(new long[] {count});
            return figures.with("verifiedMessages", count);
        }
    }
}
