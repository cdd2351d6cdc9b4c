package io.millrace.broker.session;

import io.millrace.broker.metadata.ClientIdClaim;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.HelloRequestData;
import io.millrace.protocol.message.HelloResponseData;
import io.millrace.protocol.wire.Api;
import java.util.UUID;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * Serves Hello: authenticates, claims the client identifier again after a reconnect, gives a producer id, and introduces the broker. One
 * step after the other; a failed one is answered, and the connection closed.
 */
final class HelloApi implements ApiHandler {
    private static final long NO_PRODUCER_ID = -1;
    private static final short FIRST_EPOCH = 0;

    @Override
    public void onRequest(Request request, long nowMs) {
        ConnectionSession session = request.session();
        if (!request.api().serves(request.version())) {
            refuse(
                    request,
                    ErrorCode.UNSUPPORTED_VERSION,
                    "Hello in version " + request.version() + " is not served; versions 0 to "
                            + request.api().maxVersion() + " are");
            return;
        }
        HelloRequestData hello = (HelloRequestData) request.message();
        if (session.isIntroduced()) {
            throw new InvalidRequestException(ErrorCode.INVALID_REQUEST, "Hello was said before on this connection");
        }
        check(hello);
        session.authentication().authenticate(hello.user(), hello.password(), new Step<>(request) {
            @Override
            public void complete(String user) {
                giveProducerId(request, hello, user);
            }
        });
    }

    private static void check(HelloRequestData hello) {
        if (hello.connectionId().equals(Uuid.ZERO_UUID)) {
            throw new InvalidRequestException(
                    ErrorCode.INVALID_REQUEST, "ConnectionId is zero; the client chooses a random one");
        }
        if (hello.producerId() < NO_PRODUCER_ID || (hello.producerId() >= 0 && hello.producerEpoch() < 0)) {
            throw new InvalidRequestException(
                    ErrorCode.INVALID_REQUEST,
                    "ProducerId " + hello.producerId() + " with ProducerEpoch " + hello.producerEpoch()
                            + "; both are from an earlier Hello, or both -1");
        }
    }

    private void giveProducerId(Request request, HelloRequestData hello, String user) {
        if (hello.producerId() != NO_PRODUCER_ID) {
            claimClientId(request, hello, user, hello.producerId(), hello.producerEpoch());
            return;
        }
        request.session()
                .services()
                .registries()
                .producerIds()
                .next(request.session().onLane(new Step<Long>(request) {
                    @Override
                    public void complete(Long producerId) {
                        claimClientId(request, hello, user, producerId, FIRST_EPOCH);
                    }
                }));
    }

    private void claimClientId(
            Request request, HelloRequestData hello, String user, long producerId, short producerEpoch) {
        ConnectionSession session = request.session();
        UUID connectionId = Ids.of(hello.connectionId());
        ClientConnection client = new ClientConnection(session, connectionId, user, producerId);
        String clientId = hello.clientId();
        if (clientId == null) {
            welcome(request, client, producerId, producerEpoch);
            return;
        }
        client.onClaiming();
        ClaimClientIdApi.claim(session, client, clientId, new Step<ClientIdClaim>(request) {
            @Override
            public void complete(ClientIdClaim claim) {
                welcome(request, client, producerId, producerEpoch);
            }
        });
    }

    private void welcome(Request request, ClientConnection client, long producerId, short producerEpoch) {
        ConnectionSession session = request.session();
        if (session.isClosed()) {
            return;
        }
        session.onHello(client);
        request.answer(introduction(session).setProducerId(producerId).setProducerEpoch(producerEpoch));
    }

    private static HelloResponseData introduction(ConnectionSession session) {
        SessionConfig config = session.services().config();
        HelloResponseData response = new HelloResponseData()
                .setClusterId(
                        session.services().registries().destinations().image().clusterId())
                .setBrokerId(config.brokerId())
                .setBrokerVersion(config.brokerVersion())
                .setMaxFrameBytes(config.maxFrameBytes())
                .setIdleTimeoutMs(config.idleTimeoutMs())
                .setReattachGraceMs(config.reattachGraceMs());
        for (ServedApi api : session.apis().all()) {
            if (Api.isPrivate(api.key()) && api.access() != ServedApi.Access.BROKERS_ONLY) {
                response.apiKeys()
                        .add(new HelloResponseData.ApiVersion()
                                .setApiKey(api.key())
                                .setMinVersion(api.minVersion())
                                .setMaxVersion(api.maxVersion()));
            }
        }
        return response;
    }

    private static void refuse(Request request, ErrorCode error, String message) {
        request.answer(
                introduction(request.session()).setErrorCode(error.code()).setErrorMessage(message),
                request.api().maxVersion());
        request.session().refuse("refused Hello", error + ": " + message);
    }

    /** One step of the way; a failure ends it. */
    private abstract static class Step<T extends @Nullable Object> implements Reply<T> {
        private final Request request;

        Step(Request request) {
            this.request = request;
        }

        @Override
        public void fail(ErrorCode error, String message) {
            refuse(request, error, message);
        }
    }
}
