package io.millrace.benchmarks.client;

import io.millrace.benchmarks.measure.Figures;
import io.millrace.benchmarks.measure.Latency;
import io.millrace.benchmarks.measure.Window;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Producers that each wait for every record before the next, for a stretch of time; then all that is there is read back. Each writes to one
 * partition, in turn when there are more.
 */
final class KafkaSync {
    private static final long END_TIMEOUT_MS = 60_000;
    private static final long PROGRESS_MS = 250;
    private static final long STALLED_NS = 60_000_000_000L;
    private static final Duration POLL = Duration.ofMillis(500);

    private final JobSpec spec;
    private final ClientOutput output;
    private final KafkaJob kafka;
    private final int sizeBytes;
    private final AtomicLongArray sent;
    private final Crew crew = new Crew();
    private volatile boolean measuring;

    KafkaSync(JobSpec spec, ClientOutput output) {
        this.spec = spec;
        this.output = output;
        this.kafka = new KafkaJob(spec);
        this.sizeBytes = spec.getInt("sizeBytes");
        this.sent = new AtomicLongArray(spec.getInt("producers"));
    }

    Figures run() throws IOException, InterruptedException {
        kafka.createTopic();
        List<Latency> latencies = new ArrayList<>();
        List<Thread> sending = new ArrayList<>();
        for (int i = 0; i < sent.length(); i++) {
            int number = i;
            Latency latency = new Latency();
            latencies.add(latency);
            sending.add(crew.start("sender-" + i, () -> send(number, latency)));
        }
        pass(spec.getInt("warmupMs"), "warming up");
        Window window = Window.begin(BrokerPids.of(spec), spec.getPath("dataDirectory"));
        long before = sentTotal();
        measuring = true;
        pass(spec.getInt("measureMs"), "measuring");
        measuring = false;
        Figures figures = window.end(sentTotal() - before);
        crew.stop();
        crew.join(sending, END_TIMEOUT_MS);
        verify();
        Latency sum = new Latency();
        latencies.forEach(sum::add);
        return figures.with(sum.figures().prefixed("send")).with("verifiedMessages", sentTotal());
    }

    private void send(int number, Latency latency) throws InterruptedException, ExecutionException {
        try (Producer<byte[], byte[]> producer = kafka.newProducer(Map.of(ProducerConfig.LINGER_MS_CONFIG, 0))) {
            byte[] body = Stamp.newBody(sizeBytes);
            int partition = number % kafka.partitions();
            for (long i = 0; !crew.isStopping(); i++) {
                long sentNs = System.nanoTime();
                new Stamp(number, i, sentNs).write(body);
                producer.send(new ProducerRecord<>(kafka.partition().topic(), partition, null, body))
                        .get();
                if (measuring) {
                    latency.record(System.nanoTime() - sentNs);
                }
                sent.set(number, i + 1);
            }
        }
    }

    private void verify() {
        DeliveryAudit audit = new DeliveryAudit(sent.length());
        DeliveryAudit.Reader reader = audit.newReader();
        try (Consumer<byte[], byte[]> consumer = kafka.newConsumer()) {
            long lastNs = System.nanoTime();
            long[] next = new long[kafka.partitions()];
            while (LongStream.of(next).sum() < sentTotal()) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    reader.onMessage(KafkaJob.stampOf(record, next[record.partition()], sizeBytes));
                    next[record.partition()]++;
                    lastNs = System.nanoTime();
                }
                if (System.nanoTime() - lastNs > STALLED_NS) {
                    throw new LoadFailure("read only " + LongStream.of(next).sum() + " of " + sentTotal() + " records");
                }
            }
        }
        long[] expected = new long[sent.length()];
        for (int i = 0; i < expected.length; i++) {
            expected[i] = sent.get(i);
        }
        audit.check(expected);
    }

    private long sentTotal() {
        long total = 0;
        for (int i = 0; i < sent.length(); i++) {
            total += sent.get(i);
        }
        return total;
    }

    private void pass(long durationMs, String what) {
        long beginNs = System.nanoTime();
        long first = sentTotal();
        long elapsedMs = 0;
        while (elapsedMs < durationMs) {
            crew.await(() -> false, Math.min(PROGRESS_MS, durationMs - elapsedMs));
            elapsedMs = (System.nanoTime() - beginNs) / 1_000_000;
            double rate = (double) (sentTotal() - first) * 1000 / Math.max(elapsedMs, 1);
            output.progress(elapsedMs, durationMs, String.format(Locale.ROOT, "%s, %,.0f/s", what, rate));
        }
    }
}
