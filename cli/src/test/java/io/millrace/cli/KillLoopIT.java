package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.jms.MillraceConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the broker again and again under load while the clients live on: every send that was acknowledged is processed exactly once,
 * and each producer's messages in order.
 */
class KillLoopIT {
    private static final int KILLS = Integer.getInteger("millrace.kills", 6);
    private static final long SEED = Long.getLong("millrace.seed", 42);
    private static final int PRODUCERS = 4;

    @TempDir
    Path directory;

    private final AtomicBoolean producing = new AtomicBoolean(true);
    private final AtomicBoolean consuming = new AtomicBoolean(true);
    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private final Set<String> unknown = ConcurrentHashMap.newKeySet();
    private final Map<String, List<String>> processed = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();

    @Test
    void losesAndDoublesNothingWhenTheBrokerIsKilledInALoop() throws Exception {
        Path data = directory.resolve("data");
        Random random = new Random(SEED);
        BrokerProcess broker = BrokerProcess.start(data, 0);
        int port = broker.port();
        List<Thread> producers = new ArrayList<>();
        try (Connection connection = new MillraceConnectionFactory(broker.url()).createConnection()) {
            connection.setClientID("kill-loop");
            connection.start();
            consume(connection, "auto", false);
            consume(connection, "client", true);
            consume(connection, "listener", session -> session.createConsumer(session.createQueue("orders")));
            consume(
                    connection,
                    "durable",
                    session -> session.createDurableConsumer(session.createTopic("prices"), "prices-kept"));
            for (int i = 0; i < PRODUCERS; i++) {
                producers.add(produce(broker.url(), i));
            }
            for (int i = 0; i < KILLS; i++) {
                LockSupport.parkNanos(
                        Duration.ofMillis(300 + random.nextInt(1500)).toNanos());
                broker.kill();
                broker = BrokerProcess.start(data, port);
            }
            producing.set(false);
            for (Thread producer : producers) {
                producer.join();
            }
            Set<String> expectedQueue = of("queue");
            Set<String> expectedTopic = of("topic");
            await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
                assertThat(failures).isEmpty();
                assertThat(missing(expectedQueue, queueMessages())).isEmpty();
                assertThat(missing(expectedTopic, processedBy("durable"))).isEmpty();
            });
            consuming.set(false);
            for (Thread thread : threads) {
                thread.join();
            }
        } finally {
            broker.kill();
        }
        assertThat(failures).isEmpty();
        assertThat(acknowledged).hasSizeGreaterThan(KILLS * 10);
        assertThat(queueMessages()).doesNotHaveDuplicates().allMatch(this::wasSent);
        assertThat(processed.get("durable")).doesNotHaveDuplicates().allMatch(this::wasSent);
        assertOrder(processed.get("durable"));
        assertNothingIsLeft(data, port);
    }

    /** Whoever comes next finds nothing of what was processed, also after a clean stop. */
    private void assertNothingIsLeft(Path data, int port) throws Exception {
        try (BrokerProcess broker = BrokerProcess.start(data, port);
                Connection connection = new MillraceConnectionFactory(broker.url()).createConnection()) {
            connection.start();
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            assertThat(session.createConsumer(session.createQueue("orders")).receive(3000))
                    .isNull();
            connection.close();
            assertThat(broker.terminate()).isZero();
        }
    }

    private Thread produce(String url, int producer) {
        return start("producer-" + producer, () -> {
            try (Connection connection = new MillraceConnectionFactory(url).createConnection()) {
                Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
                boolean topic = producer % 2 == 1;
                MessageProducer out =
                        session.createProducer(topic ? session.createTopic("prices") : session.createQueue("orders"));
                for (int n = 0; producing.get(); n++) {
                    String text = (topic ? "topic" : "queue") + ":" + producer + ":" + n;
                    try {
                        out.send(session.createTextMessage(text));
                        acknowledged.add(text);
                    } catch (JMSException e) {
                        unknown.add(text);
                        throw e;
                    }
                }
            }
        });
    }

    private void consume(Connection connection, String name, boolean clientAcknowledge) throws JMSException {
        Session session = connection.createSession(
                false, clientAcknowledge ? Session.CLIENT_ACKNOWLEDGE : Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = session.createConsumer(session.createQueue("orders"));
        List<String> done = processedBy(name);
        threads.add(start(name, () -> {
            List<String> batch = new ArrayList<>();
            TextMessage last = null;
            while (consuming.get()) {
                TextMessage message = (TextMessage) consumer.receive(200);
                if (message != null) {
                    last = message;
                    batch.add(message.getText());
                }
                if (message != null && clientAcknowledge && batch.size() % 5 != 0 && acknowledged.size() % 7 != 0) {
                    continue;
                }
                if (last != null && clientAcknowledge) {
                    last.acknowledge();
                }
                done.addAll(batch);
                batch.clear();
                last = null;
            }
            if (last != null && clientAcknowledge) {
                last.acknowledge();
            }
            done.addAll(batch);
        }));
    }

    private void consume(Connection connection, String name, ConsumerMaker maker) throws JMSException {
        Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        List<String> done = processedBy(name);
        maker.consumer(session).setMessageListener(message -> {
            try {
                done.add(((TextMessage) message).getText());
            } catch (JMSException e) {
                failures.add(e);
            }
        });
    }

    private List<String> processedBy(String name) {
        return processed.computeIfAbsent(name, n -> Collections.synchronizedList(new ArrayList<>()));
    }

    private List<String> queueMessages() {
        List<String> all = new ArrayList<>();
        for (String name : List.of("auto", "client", "listener")) {
            List<String> some = processedBy(name);
            synchronized (some) {
                all.addAll(some);
            }
        }
        return all;
    }

    private static Set<String> missing(Set<String> expected, List<String> processed) {
        Set<String> missing = new TreeSet<>(expected);
        synchronized (processed) {
            processed.forEach(missing::remove);
        }
        return missing;
    }

    private Set<String> of(String kind) {
        return acknowledged.stream().filter(text -> text.startsWith(kind)).collect(Collectors.toSet());
    }

    private boolean wasSent(String text) {
        return acknowledged.contains(text) || unknown.contains(text);
    }

    private static void assertOrder(List<String> texts) {
        Map<String, Integer> last = new HashMap<>();
        for (String text : texts) {
            int colon = text.lastIndexOf(':');
            int n = Integer.parseInt(text.substring(colon + 1));
            assertThat(n).as(text).isGreaterThan(last.getOrDefault(text.substring(0, colon), -1));
            last.put(text.substring(0, colon), n);
        }
    }

    private Thread start(String name, Body body) {
        Thread thread = new Thread(
                () -> {
                    try {
                        body.run();
                    } catch (Exception | AssertionError e) {
                        failures.add(e);
                    }
                },
                name);
        thread.start();
        return thread;
    }

    private interface Body {
        void run() throws Exception;
    }

    private interface ConsumerMaker {
        MessageConsumer consumer(Session session) throws JMSException;
    }
}
