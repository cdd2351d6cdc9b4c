package io.millrace.simulation.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.kernel.Life;
import io.millrace.simulation.kernel.Trace;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SimLinkTest {
    private final Kernel kernel = new Kernel(3, Trace.keeping());
    private final SimNetwork network = new SimNetwork(kernel, NetworkConditions.POOR);

    @Test
    void deliversInOrderWhatIsWritten() {
        // Given
        Recorder client = new Recorder();
        Recorder broker = new Recorder();
        SimLink link = connect(client, broker);

        // When
        for (int i = 0; i < 50; i++) {
            link.write(SimLink.Side.CLIENT, new byte[] {(byte) i, (byte) i});
        }
        link.close(SimLink.Side.CLIENT);
        kernel.runFor(Kernel.SECOND * 20);

        // Then
        assertThat(broker.received.toByteArray()).hasSize(100).isSorted();
        assertThat(broker.closed).isEqualTo(1);
        assertThat(client.closed).isZero();
    }

    @Test
    void losesTheRestOfBothDirectionsWhenItBreaks() {
        boolean lost = false;
        for (int run = 0; run < 20; run++) {
            // Given
            Recorder client = new Recorder();
            Recorder broker = new Recorder();
            SimLink link = connect(client, broker);
            byte[] all = new byte[100];
            for (int i = 0; i < 100; i++) {
                all[i] = (byte) i;
            }
            link.write(SimLink.Side.CLIENT, Arrays.copyOf(all, 60));
            link.write(SimLink.Side.CLIENT, Arrays.copyOfRange(all, 60, 100));

            // When
            link.breakNow();
            link.write(SimLink.Side.BROKER, all);
            kernel.runFor(Kernel.SECOND * 20);

            // Then
            byte[] received = broker.received.toByteArray();
            assertThat(received).isEqualTo(Arrays.copyOf(all, received.length));
            assertThat(client.received.size()).isZero();
            assertThat(client.closed).isEqualTo(1);
            assertThat(broker.closed).isEqualTo(1);
            lost |= received.length < 100;
        }
        assertThat(lost).isTrue();
    }

    @Test
    void holdsWhatGoesToOneEndAndLetsTheOtherWayPass() {
        // Given
        Recorder client = new Recorder();
        Recorder broker = new Recorder();
        SimLink link = connect(client, broker);
        link.write(SimLink.Side.CLIENT, new byte[] {1});

        // When
        link.hold(SimLink.Side.BROKER, Kernel.SECOND * 20);
        link.write(SimLink.Side.CLIENT, new byte[] {2});
        link.write(SimLink.Side.BROKER, new byte[] {3});
        kernel.runFor(Kernel.SECOND * 19);

        // Then
        assertThat(broker.received.size()).isZero();
        assertThat(client.received.toByteArray()).containsExactly(3);
        kernel.runFor(Kernel.SECOND * 2);
        assertThat(broker.received.toByteArray()).containsExactly(1, 2);
    }

    @Test
    void breaksInPlaceOfTheAnswerToTheNextRequest() {
        // Given
        Recorder client = new Recorder();
        Recorder broker = new Recorder();
        SimLink link = connect(client, broker);
        link.loseNextAnswer();
        link.write(SimLink.Side.BROKER, new byte[] {1});
        kernel.runFor(Kernel.SECOND);

        // When
        link.write(SimLink.Side.CLIENT, new byte[] {2});
        kernel.runFor(Kernel.SECOND);
        link.write(SimLink.Side.BROKER, new byte[] {3});
        kernel.runFor(Kernel.SECOND * 20);

        // Then
        assertThat(broker.received.toByteArray()).containsExactly(2);
        assertThat(client.received.toByteArray()).containsExactly(1);
        assertThat(client.closed).isEqualTo(1);
    }

    @Test
    void bringsWhatWasWrittenToTheBrokerAfterTheClientKnowsOfTheBreak() {
        // Given
        Recorder client = new Recorder();
        Recorder broker = new Recorder();
        SimLink link = connect(client, broker);
        link.write(SimLink.Side.CLIENT, new byte[] {1, 2});

        // When
        link.breakLate(Kernel.SECOND * 20);
        kernel.runFor(Kernel.SECOND * 19);

        // Then
        assertThat(client.closed).isEqualTo(1);
        assertThat(broker.received.size()).isZero();
        kernel.runFor(Kernel.SECOND * 2);
        assertThat(broker.received.toByteArray()).containsExactly(1, 2);
        assertThat(broker.closed).isEqualTo(1);
    }

    @Test
    void refusesWhereNobodyListens() {
        // Given
        List<String> told = new ArrayList<>();

        // When
        network.connect(
                Life.WORLD,
                "client",
                "broker",
                new Recorder(),
                link -> told.add("connected"),
                () -> told.add("refused"));
        kernel.runFor(Kernel.SECOND);

        // Then
        assertThat(told).containsExactly("refused");
    }

    private SimLink connect(Recorder client, Recorder broker) {
        network.listen("broker", link -> broker);
        List<SimLink> links = new ArrayList<>();
        network.connect(Life.WORLD, "client", "broker", client, links::add, () -> {});
        assertThat(kernel.runUntil(() -> !links.isEmpty(), Kernel.SECOND)).isTrue();
        return links.get(0);
    }

    private static final class Recorder implements SimLink.End {
        private final ByteArrayOutputStream received = new ByteArrayOutputStream();
        private int closed;

        @Override
        public void onBytes(byte[] bytes) {
            received.writeBytes(bytes);
        }

        @Override
        public void onClosed() {
            closed++;
        }
    }
}
