package io.millrace.benchmarks.client;

import io.millrace.benchmarks.measure.Figures;
import io.millrace.benchmarks.measure.Latency;
import io.millrace.benchmarks.measure.Window;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** Many records through one kafka-clients producer, then all of them back through one consumer, each at its offset. */
final class KafkaBulk {
    private static final int PROGRESS_EVERY = 20_000;
    private static final long STALLED_NS = 60_000_000_000L;
    private static final Duration POLL = Duration.ofMillis(500);

    private final JobSpec spec;
    private final ClientOutput output;
    private final KafkaJob kafka;
    private final int sizeBytes;
    private final long count;
    private final AtomicReference<@Nullable Exception> refused = new AtomicReference<>();
    /** Callbacks come on the producer's one network thread. */
    private final Latency acknowledged = new Latency();

    KafkaBulk(JobSpec spec, ClientOutput output) {
        this.spec = spec;
        this.output = output;
        this.kafka = new KafkaJob(spec);
        this.sizeBytes = spec.getInt("sizeBytes");
        this.count = spec.getLong("count");
    }

    Figures run() throws IOException, InterruptedException {
        kafka.createTopic();
        Figures produced = produce();
        Figures consumed = consume();
        return produced.with(acknowledged.figures().prefixed("send"))
                .with("megabytesPerSecond", produced.get("rate") * sizeBytes / 1e6)
                .with(consumed.prefixed("consume"))
                .with("consumeMegabytesPerSecond", consumed.get("rate") * sizeBytes / 1e6)
                .with("verifiedMessages", count);
    }

    private Figures produce() throws IOException {
        try (Producer<byte[], byte[]> producer = kafka.newProducer(Map.of())) {
            producer.partitionsFor(kafka.partition().topic());
            Window window = Window.begin(BrokerPids.of(spec), spec.getPath("dataDirectory"));
            byte[] template = Stamp.newBody(sizeBytes);
            for (long i = 0; i < count; i++) {
                byte[] value = template.clone(); // the producer may keep the array until the record is sent
                long sentNs = System.nanoTime();
                new Stamp(0, i, sentNs).write(value);
                var unused = producer.send( // the callback gets the answer
                        new ProducerRecord<>(kafka.partition().topic(), 0, null, value),
                        (metadata, exception) -> onAnswer(sentNs, exception));
                if (i % PROGRESS_EVERY == 0) {
                    checkRefused();
                    output.progress(
                            i, count, String.format(Locale.ROOT, "producing, %,.0f/s", i / window.elapsedSeconds()));
                }
            }
            producer.flush();
            checkRefused();
            return window.end(count);
        }
    }

    private void onAnswer(long sentNs, @Nullable Exception exception) {
        if (exception != null) {
            refused.compareAndSet(null, exception);
        } else {
            acknowledged.record(System.nanoTime() - sentNs);
        }
    }

    private void checkRefused() {
        Exception cause = refused.get();
        if (cause != null) {
            throw new LoadFailure("a send was refused: " + cause, cause);
        }
    }

    private Figures consume() throws IOException {
        try (Consumer<byte[], byte[]> consumer = kafka.newConsumer()) {
            Window window = Window.begin(BrokerPids.of(spec), spec.getPath("dataDirectory"));
            long next = 0;
            long lastNs = System.nanoTime();
            while (next < count) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    Stamp stamp = KafkaJob.stampOf(record, next, sizeBytes);
                    if (stamp.sequence() != next) {
                        throw new LoadFailure("record " + stamp + " is at offset " + next);
                    }
                    next++;
                    lastNs = System.nanoTime();
                }
                if (System.nanoTime() - lastNs > STALLED_NS) {
                    throw new LoadFailure("read only " + next + " of " + count + " records");
                }
                output.progress(
                        next, count, String.format(Locale.ROOT, "consuming, %,.0f/s", next / window.elapsedSeconds()));
            }
            Figures figures = window.end(count);
            if (!consumer.poll(POLL).isEmpty()) {
                throw new LoadFailure("read more than the " + count + " records that were sent");
            }
            return figures;
        }
    }
}
