package io.millrace.broker.session;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.ApiMessage;

/** What a session knows of another broker that said PeerHello, and who serves it. Owned by the connection's lane. */
public final class PeerConnection {
    private final ConnectionSession session;
    private final int brokerId;
    private final long brokerEpoch;
    private final short protocolVersion;
    private final List<Events> events = new ArrayList<>();

    PeerConnection(ConnectionSession session, int brokerId, long brokerEpoch, short protocolVersion) {
        this.session = session;
        this.brokerId = brokerId;
        this.brokerEpoch = brokerEpoch;
        this.protocolVersion = protocolVersion;
    }

    /** Hears what becomes of the connection, on its lane. */
    public interface Events {
        /** The connection takes bytes again. */
        void onWritable(long nowMs);

        /** The connection is gone. Nothing follows. */
        void onClosed(long nowMs);
    }

    public int brokerId() {
        return brokerId;
    }

    /** The epoch of the broker's registration when it connected. */
    public long brokerEpoch() {
        return brokerEpoch;
    }

    /** The version of what brokers say to each other that both ends speak. */
    public short protocolVersion() {
        return protocolVersion;
    }

    /** Has somebody told what becomes of the connection, from now on. */
    public void listen(Events listener) {
        events.add(listener);
    }

    /** Whether more may be answered without piling up. */
    public boolean isWritable() {
        return !session.isClosed() && session.connection().isWritable();
    }

    /**
     * Lets a request stand: it is answered as often as wanted from now on, and holds back nothing. After the connection is gone answers are
     * dropped; slices in them are then the caller's still, who asks {@link ConnectionSession#isClosed} before it makes one.
     */
    public Standing stand(Request request) {
        request.answerNothing();
        return new Standing(request.version(), request.correlationId());
    }

    void onWritable(long nowMs) {
        for (Events listener : List.copyOf(events)) {
            listener.onWritable(nowMs);
        }
    }

    void onClosed(long nowMs) {
        for (Events listener : List.copyOf(events)) {
            listener.onClosed(nowMs);
        }
    }

    /** A request that stands. Owned by the connection's lane. */
    public final class Standing {
        private final short version;
        private final int correlationId;

        private Standing(short version, int correlationId) {
            this.version = version;
            this.correlationId = correlationId;
        }

        /** The version of the request, and of its answers. */
        public short version() {
            return version;
        }

        /** Answers, at the end of this turn of the lane at the latest. */
        public void answer(ApiMessage message) {
            if (!session.isClosed()) {
                session.write(version, correlationId, message);
            }
        }
    }
}
