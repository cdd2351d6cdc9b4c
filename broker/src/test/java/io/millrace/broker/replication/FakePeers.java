package io.millrace.broker.replication;

import io.millrace.broker.lane.Lane;
import io.millrace.broker.peer.Peer;
import io.millrace.broker.peer.PeerAnswers;
import io.millrace.broker.peer.PeerEnd;
import io.millrace.broker.peer.PeerLink;
import io.millrace.broker.peer.PeerLinkListener;
import io.millrace.broker.peer.PeerReply;
import io.millrace.broker.peer.Peers;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ReplicaFetchRequestData;
import io.millrace.protocol.message.ReplicaFetchResponseData;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/** Leaders of which a test speaks: what is asked of them is kept, and the test answers. */
final class FakePeers implements Peers {
    final List<Link> opened = new ArrayList<>();

    Link last() {
        return opened.get(opened.size() - 1);
    }

    /** The newest link to a broker. */
    Link to(int brokerId) {
        return opened.stream()
                .filter(link -> link.peer.brokerId() == brokerId)
                .reduce((before, after) -> after)
                .orElseThrow();
    }

    @Override
    public PeerLink open(Peer peer, Lane lane, PeerLinkListener listener) {
        Link link = new Link(peer, lane, listener);
        opened.add(link);
        return link;
    }

    static final class Link implements PeerLink {
        private final Peer peer;
        private final Lane lane;
        private final PeerLinkListener listener;
        private final List<ReplicaFetchRequestData> requests = new ArrayList<>();
        private @Nullable PeerAnswers answers;
        private long stamp;
        boolean closed;

        Link(Peer peer, Lane lane, PeerLinkListener listener) {
            this.peer = peer;
            this.lane = lane;
            this.listener = listener;
        }

        void ready() {
            listener.onReady(this, lane.nowMs());
        }

        void end(PeerEnd.Cause cause) {
            closed = true;
            listener.onClosed(this, new PeerEnd(cause, "test"), lane.nowMs());
        }

        /** What was asked since the last call. */
        List<ReplicaFetchRequestData> taken() {
            List<ReplicaFetchRequestData> taken = List.copyOf(requests);
            requests.clear();
            return taken;
        }

        /** The positions of new beginnings that were told since the last call. */
        long takenAnew() {
            return taken().stream()
                    .flatMap(request -> request.partitions().stream())
                    .filter(ReplicaFetchRequestData.Replica::anew)
                    .count();
        }

        void answer(ReplicaFetchResponseData.Replica... replicas) {
            if (answers == null) {
                throw new IllegalStateException("nothing was asked");
            }
            ReplicaFetchResponseData answer =
                    new ReplicaFetchResponseData().setStamp(++stamp).setPartitions(List.of(replicas));
            answers.onAnswer(answer, List.of(), lane.nowMs());
        }

        void refuse(ReplicaKey key) {
            answer(ReplicaCodec.refusal(key, ErrorCode.NOT_LEADER_OR_FOLLOWER));
        }

        @Override
        public void stand(ApiMessage request, short version, Supplier<? extends ApiMessage> answer, PeerAnswers taker) {
            requests.add((ReplicaFetchRequestData) request);
            answers = taker;
        }

        @Override
        public void close() {
            closed = true;
        }

        @Override
        public Peer peer() {
            return peer;
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
            return Integer.MAX_VALUE;
        }

        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void call(ApiMessage request, short version, Supplier<? extends ApiMessage> answer, PeerReply reply) {}
    }
}
