package io.millrace.broker.session;

import io.millrace.broker.peer.LocalBroker;
import io.millrace.broker.peer.PeerGate;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.PeerHelloRequestData;
import io.millrace.protocol.message.PeerHelloResponseData;

/** Serves PeerHello: lets another broker of the cluster in. One that is refused is told why, and its connection closed. */
final class PeerHelloApi implements ApiHandler {
    @Override
    public void onRequest(Request request, long nowMs) {
        ConnectionSession session = request.session();
        PeerHelloRequestData hello = (PeerHelloRequestData) request.message();
        if (session.isIntroduced()) {
            throw new InvalidRequestException(ErrorCode.INVALID_REQUEST, "Hello was said before on this connection");
        }
        PeerGate gate = session.services().peers();
        PeerGate.Refusal refusal = gate.check(hello);
        if (refusal != null) {
            PrivateErrors.answer(request, refusal.error(), refusal.message());
            session.refuse(
                    "refused PeerHello",
                    "broker " + hello.brokerId() + ": " + refusal.error() + ", " + refusal.message());
            return;
        }
        short protocol = gate.protocol(hello);
        session.onPeerHello(new PeerConnection(session, hello.brokerId(), hello.brokerEpoch(), protocol));
        request.answer(introduction(session.services().config(), gate.self()).setProtocol(protocol));
    }

    private static PeerHelloResponseData introduction(SessionConfig config, LocalBroker self) {
        return new PeerHelloResponseData()
                .setBrokerId(self.brokerId())
                .setBrokerEpoch(self.brokerEpoch().getAsLong())
                .setSoftwareVersion(self.softwareVersion())
                .setMaxFrameBytes(config.maxFrameBytes())
                .setIdleTimeoutMs(config.idleTimeoutMs());
    }
}
