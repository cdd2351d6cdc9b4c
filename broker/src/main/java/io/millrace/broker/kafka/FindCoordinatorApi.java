package io.millrace.broker.kafka;

import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.Request;
import java.util.List;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData.Coordinator;
import org.apache.kafka.common.protocol.Errors;

/**
 * Serves FindCoordinator: there is none, for groups or for transactions, and the answer says so for good. It is served at all
 * because librdkafka takes its absence as the sign of a broker too old for lz4 and then sends such batches uncompressed.
 */
final class FindCoordinatorApi implements ApiHandler {
    private static final int MANY_KEYS_SINCE = 4;
    private static final short ERROR =
            Errors.UNSUPPORTED_VERSION.code(); // one that no client takes as a reason to try again
    private static final String MESSAGE = "this broker coordinates no groups and no transactions";
    private static final int NOBODY = -1;

    @Override
    public void onRequest(Request request, long nowMs) {
        FindCoordinatorRequestData message = (FindCoordinatorRequestData) request.message();
        FindCoordinatorResponseData response = new FindCoordinatorResponseData();
        if (request.version() < MANY_KEYS_SINCE) {
            request.answer(response.setErrorCode(ERROR).setErrorMessage(MESSAGE).setNodeId(NOBODY));
        } else {
            request.answer(response.setCoordinators(coordinators(message.coordinatorKeys())));
        }
    }

    private static List<Coordinator> coordinators(List<String> keys) {
        return keys.stream()
                .map(key -> new Coordinator()
                        .setKey(key)
                        .setNodeId(NOBODY)
                        .setErrorCode(ERROR)
                        .setErrorMessage(MESSAGE))
                .toList();
    }
}
