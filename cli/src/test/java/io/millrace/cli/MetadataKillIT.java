package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.jms.admin.DestinationInfo;
import io.millrace.jms.admin.MillraceAdmin;
import io.millrace.jms.admin.SubscriptionDescription;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kills the broker while queues and durable subscriptions come and go: what was confirmed is so after the restart. */
@Timeout(300)
final class MetadataKillIT {
    private static final long SEED = 20_261_123;
    private static final int KILLS = 8;
    private static final int MOST_CHANGES_A_LIFE = 25;
    private static final String TOPIC = "prices";
    private static final String CLIENT_ID = "office";

    @TempDir
    private Path directory;

    @Test
    void keepsEveryConfirmedChangeOverKills() throws Exception {
        Random random = new Random(SEED);
        Map<String, Boolean> queues = new TreeMap<>();
        Map<String, Boolean> subscriptions = new TreeMap<>();
        int confirmed = 0;
        for (int life = 0; life <= KILLS; life++) {
            try (BrokerProcess broker = BrokerProcess.start(directory.resolve("data"), 0)) {
                // Then
                try (MillraceAdmin admin = MillraceAdmin.connect(broker.url())) {
                    assertThere(life, queues, queues(admin));
                    assertThere(life, subscriptions, subscriptions(admin));
                }
                // When
                Changes changes = new Changes(broker.url(), queues, subscriptions, random.nextLong());
                changes.start();
                int until = random.nextInt(MOST_CHANGES_A_LIFE);
                await().atMost(Duration.ofSeconds(60))
                        .pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> changes.confirmed.get() >= until || !changes.isAlive());
                broker.kill();
                changes.join();
                confirmed += changes.confirmed.get();
                assertThat(changes.surprise).isNull();
            }
        }
        assertThat(confirmed).isGreaterThan(KILLS);
    }

    private static void assertThere(int life, Map<String, Boolean> confirmed, Set<String> present) {
        confirmed.forEach((name, there) -> assertThat(present.contains(name))
                .as("%s in life %d with seed %d", name, life, SEED)
                .isEqualTo(there));
    }

    private static Set<String> queues(MillraceAdmin admin) throws JMSException {
        return admin.listQueues().stream().map(DestinationInfo::name).collect(Collectors.toSet());
    }

    private static Set<String> subscriptions(MillraceAdmin admin) throws JMSException {
        if (admin.listTopics().isEmpty()) {
            return new HashSet<>();
        }
        return admin.describeTopic(TOPIC).partitions().get(0).subscriptions().stream()
                .map(SubscriptionDescription::name)
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
    }

    /**
     * Turns queues and durable subscriptions on and off until the broker is gone. The maps say what was confirmed; what
     * was under way when the broker died is taken out of them.
     */
    private static final class Changes extends Thread {
        private static final int NAMES = 12;

        private final String url;
        private final Map<String, Boolean> queues;
        private final Map<String, Boolean> subscriptions;
        private final Random random;
        private final AtomicInteger confirmed = new AtomicInteger();
        private volatile @Nullable Throwable surprise;

        Changes(String url, Map<String, Boolean> queues, Map<String, Boolean> subscriptions, long seed) {
            this.url = url + "?reconnectTimeout=1ms&clientId=" + CLIENT_ID;
            this.queues = queues;
            this.subscriptions = subscriptions;
            this.random = new Random(seed);
        }

        @Override
        public void run() {
            try (MillraceAdmin admin = MillraceAdmin.connect(url.replace("&clientId=" + CLIENT_ID, ""));
                    Connection connection = new MillraceConnectionFactory(url).createConnection();
                    Session session = connection.createSession()) {
                Set<String> queuesThere = queues(admin);
                Set<String> subscriptionsThere = subscriptions(admin);
                while (true) {
                    String name = "n" + random.nextInt(NAMES);
                    if (random.nextBoolean()) {
                        turnQueue(admin, name, queuesThere);
                    } else {
                        turnSubscription(session, name, subscriptionsThere);
                    }
                    confirmed.incrementAndGet();
                }
            } catch (JMSException e) {
                // the broker was killed
            } catch (RuntimeException | Error e) {
                surprise = e;
            }
        }

        private void turnQueue(MillraceAdmin admin, String name, Set<String> there) throws JMSException {
            queues.remove(name);
            if (there.remove(name)) {
                admin.deleteQueue(name);
                queues.put(name, false);
            } else {
                admin.createQueue(name, 1 + random.nextInt(3), Map.of());
                there.add(name);
                queues.put(name, true);
            }
        }

        private void turnSubscription(Session session, String name, Set<String> there) throws JMSException {
            subscriptions.remove(name);
            if (there.remove(name)) {
                session.unsubscribe(name);
                subscriptions.put(name, false);
            } else {
                session.createDurableConsumer(session.createTopic(TOPIC), name).close();
                there.add(name);
                subscriptions.put(name, true);
            }
        }
    }
}
