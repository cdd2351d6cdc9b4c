package io.millrace.broker.peer;

import static io.millrace.broker.peer.PeerFixtures.peer;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.lane.Lane;
import io.millrace.broker.lane.VirtualLane;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.common.protocol.ApiMessage;
import org.junit.jupiter.api.Test;

class PeerWatchTest {
    private static final long LONG_MS = 10_000;
    private static final long EPOCH = 7;

    private final VirtualLane lane = new VirtualLane();
    private final FakePeers peers = new FakePeers();
    private final Reports reports = new Reports();
    private final PeerWatch watch = new PeerWatch(1, lane, peers, PeerFixtures.CONFIG, () -> 1, reports);

    @Test
    void linksToEveryOtherBroker() {
        // When
        watch.onBrokers(List.of(peer(1, 5), peer(2, EPOCH), peer(3, EPOCH)));
        lane.turn();
        peers.opened.get(1).ready();

        // Then
        assertThat(peers.opened).extracting(FakeLink::peer).containsExactly(peer(2, EPOCH), peer(3, EPOCH));
        assertThat(watch.linkTo(2)).isNull();
        assertThat(watch.linkTo(3)).isSameAs(peers.opened.get(1));
    }

    @Test
    void reportsADeadBrokerWithinOneAttempt() {
        // Given
        watchAndLink();

        // When
        peers.last().end(PeerEnd.Cause.LOST);
        lane.advance(0);
        peers.last().end(PeerEnd.Cause.REFUSED);

        // Then
        assertThat(reports.said).containsExactly("dead 2/7");
        assertThat(watch.linkTo(2)).isNull();
    }

    @Test
    void reportsTheReturnAndLinksAgain() {
        // Given
        watchAndLink();
        peers.last().end(PeerEnd.Cause.LOST);
        lane.advance(0);
        peers.last().end(PeerEnd.Cause.REFUSED);

        // When
        lane.advance(PeerFixtures.CONFIG.backoffMs());
        peers.last().ready();

        // Then
        assertThat(reports.said).containsExactly("dead 2/7", "back 2/7");
        assertThat(watch.linkTo(2)).isSameAs(peers.last());
    }

    @Test
    void startsAnewWithTheNextLifeOfABroker() {
        // Given
        watchAndLink();
        FakeLink before = peers.last();

        // When
        watch.onBrokers(List.of(peer(2, EPOCH + 1)));
        lane.turn();
        before.end(PeerEnd.Cause.LOST);

        // Then
        assertThat(before.closed).isTrue();
        assertThat(peers.last().peer()).isEqualTo(peer(2, EPOCH + 1));
        assertThat(peers.opened).hasSize(2);
        assertThat(reports.said).isEmpty();
    }

    @Test
    void linksAnewWhenItsOwnEpochIsAnother() {
        // Given
        watch.onBrokers(List.of(peer(1, 5), peer(2, EPOCH)));
        lane.turn();
        FakeLink before = peers.last();
        before.ready();
        lane.advance(LONG_MS);

        // When
        watch.onBrokers(List.of(peer(2, EPOCH)));
        watch.onBrokers(List.of(peer(1, 8), peer(2, EPOCH)));
        lane.turn();
        boolean isClosed = before.closed;
        before.end(PeerEnd.Cause.CLOSED);
        lane.advance(0);
        peers.last().ready();

        // Then
        assertThat(isClosed).isTrue();
        assertThat(peers.opened).hasSize(2);
        assertThat(watch.linkTo(2)).isSameAs(peers.last());
        assertThat(reports.said).isEmpty();
    }

    @Test
    void keepsItsLinkWhenTheSameBrokersAreNamedAgain() {
        // Given
        watchAndLink();

        // When
        watch.onBrokers(List.of(peer(2, EPOCH)));
        lane.advance(LONG_MS);

        // Then
        assertThat(peers.opened).hasSize(1);
        assertThat(watch.linkTo(2)).isNotNull();
    }

    @Test
    void forgetsABrokerThatTheClusterHasForgotten() {
        // Given
        watchAndLink();

        // When
        watch.onBrokers(List.of());
        lane.advance(LONG_MS);

        // Then
        assertThat(peers.last().closed).isTrue();
        assertThat(watch.linkTo(2)).isNull();
        assertThat(peers.opened).hasSize(1);
    }

    @Test
    void endsItsLinksWhenItIsClosed() {
        // Given
        watchAndLink();

        // When
        watch.close();
        watch.onBrokers(List.of(peer(3, EPOCH)));
        lane.advance(LONG_MS);

        // Then
        assertThat(peers.opened).singleElement().satisfies(link -> assertThat(link.closed)
                .isTrue());
    }

    private void watchAndLink() {
        watch.onBrokers(List.of(peer(2, EPOCH)));
        lane.turn();
        peers.last().ready();
        lane.advance(LONG_MS);
    }

    private final class FakePeers implements Peers {
        private final List<FakeLink> opened = new ArrayList<>();

        FakeLink last() {
            return opened.get(opened.size() - 1);
        }

        @Override
        public PeerLink open(Peer peer, Lane on, PeerLinkListener listener) {
            FakeLink link = new FakeLink(peer, listener);
            opened.add(link);
            return link;
        }
    }

    private final class FakeLink implements PeerLink {
        private final Peer peer;
        private final PeerLinkListener listener;
        private boolean closed;

        FakeLink(Peer peer, PeerLinkListener listener) {
            this.peer = peer;
            this.listener = listener;
        }

        void ready() {
            listener.onReady(this, lane.nowMs());
        }

        void end(PeerEnd.Cause cause) {
            closed = true;
            listener.onClosed(this, new PeerEnd(cause, "test"), lane.nowMs());
        }

        @Override
        public Peer peer() {
            return peer;
        }

        @Override
        public void close() {
            closed = true;
        }

        @Override
        public boolean isReady() {
            return !closed;
        }

        @Override
        public short protocolVersion() {
            return 0;
        }

        @Override
        public int maxFrameBytes() {
            return 0;
        }

        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void call(ApiMessage request, short version, Supplier<? extends ApiMessage> answer, PeerReply reply) {}

        @Override
        public void stand(
                ApiMessage request, short version, Supplier<? extends ApiMessage> answer, PeerAnswers answers) {}
    }

    private static final class Reports implements PeerWatchListener {
        private final List<String> said = new ArrayList<>();

        @Override
        public void onPeerDead(int brokerId, long epoch) {
            said.add("dead " + brokerId + "/" + epoch);
        }

        @Override
        public void onPeerBack(int brokerId, long epoch) {
            said.add("back " + brokerId + "/" + epoch);
        }
    }
}
