package io.millrace.broker.kafka;

import io.millrace.broker.metadata.BrokerAddress;
import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.Request;
import io.millrace.broker.session.SessionServices;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData.Coordinator;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Serves FindCoordinator. For a group it is this broker, which tells a consumer with assign() that nothing is committed, and takes neither
 * members nor commits: those APIs are not advertised, and clients say so. For a transaction there is none, and the answer says so for good.
 */
final class FindCoordinatorApi implements ApiHandler {
    private static final int TYPES_SINCE = 1;
    private static final int MANY_KEYS_SINCE = 4;
    private static final byte GROUP = 0;
    private static final short ERROR =
            Errors.UNSUPPORTED_VERSION.code(); // one that no client takes as a reason to try again
    private static final String MESSAGE = "this broker coordinates no transactions";
    private static final int NOBODY = -1;

    @Override
    public void onRequest(Request request, long nowMs) {
        FindCoordinatorRequestData message = (FindCoordinatorRequestData) request.message();
        boolean isGroup = request.version() < TYPES_SINCE || message.keyType() == GROUP;
        BrokerAddress here = isGroup ? self(request.session().services()) : null;
        FindCoordinatorResponseData response = new FindCoordinatorResponseData();
        if (request.version() >= MANY_KEYS_SINCE) {
            message.coordinatorKeys().forEach(key -> response.coordinators().add(coordinator(key, here)));
        } else if (here != null) {
            response.setNodeId(here.id()).setHost(here.host()).setPort(here.port());
        } else {
            response.setErrorCode(ERROR).setErrorMessage(MESSAGE).setNodeId(NOBODY);
        }
        request.answer(response);
    }

    private static @Nullable BrokerAddress self(SessionServices services) {
        return services.registries()
                .destinations()
                .image()
                .brokers()
                .get(services.config().brokerId());
    }

    private static Coordinator coordinator(String key, @Nullable BrokerAddress here) {
        Coordinator coordinator = new Coordinator().setKey(key);
        return here != null
                ? coordinator.setNodeId(here.id()).setHost(here.host()).setPort(here.port())
                : coordinator.setErrorCode(ERROR).setErrorMessage(MESSAGE).setNodeId(NOBODY);
    }
}
