package io.millrace.broker.replication;

import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.PartitionDirectory;
import io.millrace.broker.session.PeerConnection;
import io.millrace.broker.session.Request;
import io.millrace.protocol.message.ReplicaFetchRequestData;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/** Serves ReplicaFetch: a {@link FollowerSession} for each connection of a follower. For any lane. */
public final class ReplicaFetchApi implements ApiHandler {
    private final PartitionDirectory partitions;
    private final LongSupplier elapsedNs;
    private final Map<PeerConnection, FollowerSession> sessions = new ConcurrentHashMap<>();

    /**
     * @param elapsedNs a clock that only goes forward
     */
    public ReplicaFetchApi(PartitionDirectory partitions, LongSupplier elapsedNs) {
        this.partitions = partitions;
        this.elapsedNs = elapsedNs;
    }

    @Override
    public void onRequest(Request request, long nowMs) {
        PeerConnection peer = request.session().peer();
        FollowerSession session = sessions.get(peer);
        if (session == null) {
            session = new FollowerSession(peer, request.session().lane(), partitions, elapsedNs);
            sessions.put(peer, session);
            peer.listen(new PeerConnection.Events() {
                @Override
                public void onWritable(long atMs) {}

                @Override
                public void onClosed(long atMs) {
                    sessions.remove(peer);
                }
            });
        }
        ReplicaFetchRequestData message = (ReplicaFetchRequestData) request.message();
        if (message.protocol() != request.version() || request.version() != peer.protocolVersion()) {
            request.session()
                    .refuse(
                            "refused ReplicaFetch",
                            "version " + request.version() + " of broker " + peer.brokerId()
                                    + ", which takes the protocol to be " + message.protocol() + " and agreed upon "
                                    + peer.protocolVersion());
            return;
        }
        session.onRequest(message, peer.stand(request));
    }
}
