package io.millrace.benchmarks.client;

import io.millrace.benchmarks.measure.Figures;
import io.millrace.benchmarks.measure.Window;
import jakarta.jms.JMSException;
import java.io.IOException;
import java.util.Locale;

/** One producer that leaves a given number of confirmed persistent messages in a queue. */
final class QueueFill {
    private static final int PROGRESS_EVERY = 2_000;

    private final JobSpec spec;
    private final ClientOutput output;

    QueueFill(JobSpec spec, ClientOutput output) {
        this.spec = spec;
        this.output = output;
    }

    Figures run() throws JMSException, IOException, InterruptedException {
        long count = spec.getLong("count");
        QueueSender.Manner manner =
                new QueueSender.Manner(spec.get("queue"), spec.getInt("sizeBytes"), true, spec.getInt("window"));
        try (QueueSender sender = new QueueSender(Factories.newFactory(spec), 0, manner)) {
            Window window = Window.begin(BrokerPids.of(spec), spec.getPath("dataDirectory"));
            while (sender.sent() < count) {
                sender.send(true);
                if (sender.sent() % PROGRESS_EVERY == 0) {
                    output.progress(
                            sender.sent(), count, String.format(Locale.ROOT, "filling, %,d messages", sender.sent()));
                }
            }
            sender.awaitCompletions();
            return window.end(count);
        }
    }
}
