package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.jms.Session;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Disturbs the link between JMS clients and a broker, both of which live on: nothing acknowledged is lost, nothing settled comes again. */
@Timeout(300)
class LinkLoadIT {
    private static final String QUEUE = "queue:orders";
    private static final Duration MOMENT = Duration.ofMillis(300);

    private final History history = new History();

    @TempDir
    private Path directory;

    @Test
    void losesNothingOverADisturbedLink() throws Exception {
        // Given
        try (LinkProxy link = LinkProxy.to(1);
                BrokerProcess broker = BrokerProcess.start(
                        directory.resolve("data"), 0, "--set", "advertised.listener=" + link.address())) {
            link.target(broker.port());
            try (JmsLoad load = new JmsLoad("millrace://" + link.address(), history)) {
                load.consumer("auto", QUEUE, Session.AUTO_ACKNOWLEDGE)
                        .consumer("client", QUEUE, Session.CLIENT_ACKNOWLEDGE)
                        .producers(QUEUE, 3);

                // When
                for (Disturbance disturbance : disturbances(link)) {
                    int before = history.confirmed();
                    await().atMost(Duration.ofSeconds(60)).until(() -> history.confirmed() > before);
                    disturbance.begin.run();
                    LockSupport.parkNanos(MOMENT.toNanos());
                    disturbance.end.run();
                }
                int before = history.confirmed();
                await().atMost(Duration.ofSeconds(60)).until(() -> history.confirmed() > before);
                load.stopProducing();
                await().atMost(Duration.ofSeconds(60)).until(() -> history.isDelivered(QUEUE));
                load.stopConsuming();
                load.drain(QUEUE, Duration.ofSeconds(2));

                // Then
                assertThat(load.surprises()).isEmpty();
                new HistoryChecker(history).check();
            }
        }
    }

    private static List<Disturbance> disturbances(LinkProxy link) {
        return List.of(
                new Disturbance(link::hold, link::release),
                new Disturbance(() -> link.delay(LinkProxy.Direction.FROM_TARGET, MOMENT), link::heal),
                new Disturbance(link::closeAll, () -> {}),
                new Disturbance(link::cut, link::heal),
                new Disturbance(() -> link.cut(LinkProxy.Direction.FROM_TARGET), link::heal),
                new Disturbance(
                        () -> {
                            link.refuse();
                            link.closeAll();
                        },
                        link::accept));
    }

    private record Disturbance(Runnable begin, Runnable end) {}
}
