package io.millrace.benchmarks.client;

import io.millrace.benchmarks.measure.Figures;
import io.millrace.benchmarks.measure.Latency;
import io.millrace.benchmarks.measure.Window;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Producers and consumers on one queue for a stretch of time. The rate is that of messages received within the window; then
 * the producers stop, the consumers receive what is left, and the audit has to hold.
 */
final class QueueLoad {
    private static final long RECEIVE_TIMEOUT_MS = 200;
    private static final long DRAIN_TIMEOUT_MS = 60_000;
    private static final long END_TIMEOUT_MS = 90_000;
    private static final long PROGRESS_MS = 250;
    private static final long ROOM_PARK_NS = 50_000;

    private final JobSpec spec;
    private final ClientOutput output;
    private final ConnectionFactory factory;
    private final QueueSender.Manner manner;
    private final long maxWaiting;
    private final DeliveryAudit audit;
    private final Crew crew = new Crew();
    private final LongAdder sent = new LongAdder();
    private volatile boolean measuring;
    private volatile boolean producing = true;

    QueueLoad(JobSpec spec, ClientOutput output) {
        this.spec = spec;
        this.output = output;
        this.factory = Factories.newFactory(spec);
        this.manner = new QueueSender.Manner(
                spec.get("queue"), spec.getInt("sizeBytes"), spec.getBoolean("persistent"), spec.getInt("window"));
        this.maxWaiting = spec.getLong("maxWaiting");
        this.audit = new DeliveryAudit(spec.getInt("producers"));
    }

    Figures run() throws JMSException, IOException, InterruptedException {
        List<QueueReceiver> receivers = new ArrayList<>();
        List<Thread> receiving = new ArrayList<>();
        for (int i = 0; i < spec.getInt("consumers"); i++) {
            QueueReceiver receiver = new QueueReceiver(
                    factory.createConnection(),
                    manner.queue(),
                    manner.sizeBytes(),
                    audit.newReader(),
                    Boolean.parseBoolean(spec.get("brokersStop", "false")));
            receivers.add(receiver);
            receiving.add(crew.start("receiver-" + i, () -> receive(receiver)));
        }
        List<QueueSender> senders = new ArrayList<>();
        List<Thread> sending = new ArrayList<>();
        for (int i = 0; i < spec.getInt("producers"); i++) {
            QueueSender sender = new QueueSender(factory, i, manner);
            senders.add(sender);
            sending.add(crew.start("sender-" + i, () -> send(sender)));
        }

        Figures figures = measure();

        producing = false;
        crew.join(sending, END_TIMEOUT_MS);
        boolean drained = crew.await(() -> audit.received() >= sent.sum(), DRAIN_TIMEOUT_MS);
        crew.stop();
        crew.join(receiving, END_TIMEOUT_MS);
        audit.check(senders.stream().mapToLong(QueueSender::sent).toArray());
        if (!drained) {
            throw new LoadFailure("received " + audit.received() + " of " + sent.sum() + " messages");
        }
        figures = figures.with(latencies(senders, receivers)).with("verifiedMessages", audit.received());
        for (QueueSender sender : senders) {
            sender.close();
        }
        for (QueueReceiver receiver : receivers) {
            receiver.close();
        }
        return figures;
    }

    private Figures measure() throws IOException {
        double warmupSeconds = spec.getInt("warmupMs") / 1000.0;
        double seconds = spec.getInt("measureMs") / 1000.0;
        pass(warmupSeconds, "warming up");
        Window window = Window.begin(BrokerPids.of(spec), spec.getPath("dataDirectory"));
        long before = audit.received();
        measuring = true;
        pass(seconds, "measuring");
        measuring = false;
        return window.end(audit.received() - before);
    }

    private void pass(double seconds, String what) {
        long beginNs = System.nanoTime();
        long last = audit.received();
        double lastSeconds = 0;
        while (true) {
            crew.await(() -> false, Math.min(PROGRESS_MS, Math.max(1, (long) ((seconds - lastSeconds) * 1000))));
            double elapsed = (System.nanoTime() - beginNs) / 1e9;
            long now = audit.received();
            output.progress(
                    elapsed,
                    seconds,
                    String.format(Locale.ROOT, "%s, %,.0f/s", what, (now - last) / (elapsed - lastSeconds)));
            last = now;
            lastSeconds = elapsed;
            if (elapsed >= seconds) {
                return;
            }
        }
    }

    private void send(QueueSender sender) throws JMSException, InterruptedException {
        while (producing && !crew.isStopping()) {
            while (sent.sum() - audit.received() > maxWaiting && producing && !crew.isStopping()) {
                LockSupport.parkNanos(ROOM_PARK_NS);
            }
            sender.send(measuring);
            sent.increment();
        }
        sender.awaitCompletions();
    }

    private void receive(QueueReceiver receiver) throws JMSException {
        while (!crew.isStopping()) {
            receiver.receive(RECEIVE_TIMEOUT_MS, measuring);
        }
    }

    private static Figures latencies(List<QueueSender> senders, List<QueueReceiver> receivers) {
        Latency send = new Latency();
        senders.forEach(sender -> sender.addLatencyTo(send));
        Latency endToEnd = new Latency();
        receivers.forEach(receiver -> receiver.addLatencyTo(endToEnd));
        return send.figures().prefixed("send").with(endToEnd.figures().prefixed("endToEnd"));
    }
}
