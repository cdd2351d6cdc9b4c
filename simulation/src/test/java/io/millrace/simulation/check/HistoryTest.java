package io.millrace.simulation.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.kernel.Trace;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class HistoryTest {
    private static final String QUEUE = "queue:q";

    private final Kernel kernel = new Kernel(1, Trace.keeping());
    private final History history = new History(kernel, 2 * Kernel.SECOND);
    private final ClientLife client = new ClientLife("client");
    private final ClientLife other = new ClientLife("other");
    private final MessageName first = new MessageName("p", 1);
    private final MessageName second = new MessageName("p", 2);

    @BeforeEach
    void sendTwo() {
        history.onSubscribed("default", QUEUE, true);
        for (MessageName name : new MessageName[] {first, second}) {
            history.onSend(name, QUEUE, true);
            history.onSent(name);
        }
    }

    @Test
    void isContentWhenAllIsProcessedOnce() {
        // When
        deliver(client, first, 1);
        settle(client, first);
        deliver(client, second, 1);
        settle(client, second);

        // Then
        assertThat(history.isDrained()).isTrue();
    }

    @Test
    void missesWhatWasNotProcessed() {
        deliver(client, first, 1);
        settle(client, first);

        assertThatThrownBy(history::requireDrained).hasMessageContaining("lost: [p#2 of default]");
    }

    @Test
    void noticesAnInventedMessage() {
        assertThatThrownBy(() -> deliver(client, new MessageName("p", 3), 1)).hasMessageContaining("invented");
        byte[] damaged = first.body(50);
        damaged[40]++;
        assertThatThrownBy(() -> history.onDelivered("default", client, ByteBuffer.wrap(damaged), 0, 1, true))
                .hasMessageContaining("invented");
    }

    @Test
    void noticesWhatALivingClientGetsTwice() {
        deliver(client, first, 1);
        settle(client, first);

        assertThatThrownBy(() -> deliver(client, first, 2)).hasMessageContaining("twice");
        assertThatThrownBy(() -> deliver(other, first, 2)).hasMessageContaining("twice");
    }

    @Test
    void excusesTheDeadAndTheLongAbsent() {
        // Given
        deliver(client, first, 1);
        settle(client, first);
        client.died(kernel.nowNs());
        deliver(client, second, 1);
        settle(client, second);
        ClientLife away = new ClientLife("away");
        deliver(other, first, 2);
        away.cutOff(0, kernel.nowNs());
        settle(away, first);

        // When
        kernel.runFor(3 * Kernel.SECOND);

        // Then
        deliver(other, second, 2);
        deliver(other, first, 3);
    }

    @Test
    void remembersAnAbsenceThatALaterLeaderOfThePartitionOrOfAnotherDoesNotSee() {
        // Given
        deliver(client, first, 1);
        settle(client, first);
        client.cutOff(0, kernel.nowNs());
        kernel.runFor(Kernel.SECOND);
        client.leaderChanged(1, kernel.nowNs());
        kernel.runFor(2 * Kernel.SECOND);

        // When
        client.leaderChanged(0, kernel.nowNs());
        client.leaderChanged(1, kernel.nowNs());

        // Then
        deliver(other, first, 2);
    }

    @Test
    void holdsAgainstNobodyThatThereWasNoLeader() {
        // Given
        deliver(client, first, 1);
        settle(client, first);
        client.cutOff(0, kernel.nowNs());
        client.leaderDied(0, kernel.nowNs());

        // When
        kernel.runFor(3 * Kernel.SECOND);
        client.leaderChanged(0, kernel.nowNs());
        kernel.runFor(Kernel.SECOND);
        client.leaderChanged(0, kernel.nowNs());
        kernel.runFor(Kernel.SECOND);

        // Then
        assertThatThrownBy(() -> deliver(other, first, 2)).hasMessageContaining("twice");
    }

    @Test
    void noticesWhatWasConfirmedAndComesAgain() {
        deliver(client, first, 1);
        settle(client, first);
        history.onConfirmed("default", first);
        client.died(kernel.nowNs());

        assertThatThrownBy(() -> deliver(other, first, 2)).hasMessageContaining("settled");
    }

    @Test
    void noticesARedeliveryWithoutItsMark() {
        deliver(client, first, 1);

        assertThatThrownBy(() -> deliver(client, first, 1)).hasMessageContaining("unmarked");
    }

    @Test
    void noticesDisorder() {
        deliver(client, second, 1);

        assertThatThrownBy(() -> deliver(client, first, 1)).hasMessageContaining("order");
    }

    private void deliver(ClientLife to, MessageName name, int count) {
        history.onDelivered("default", to, ByteBuffer.wrap(name.body(50)), name.number(), count, true);
    }

    private void settle(ClientLife by, MessageName name) {
        history.onSettled("default", by, name);
    }
}
