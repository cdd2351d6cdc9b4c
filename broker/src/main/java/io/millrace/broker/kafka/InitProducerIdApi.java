package io.millrace.broker.kafka;

import io.millrace.broker.partition.Reply;
import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.Request;
import io.millrace.protocol.ErrorCode;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;

/** Serves InitProducerId for idempotent producers; transactional ones are refused. */
final class InitProducerIdApi implements ApiHandler {
    private static final short FIRST_EPOCH = 0;

    @Override
    public void onRequest(Request request, long nowMs) {
        InitProducerIdRequestData message = (InitProducerIdRequestData) request.message();
        if (message.transactionalId() != null) {
            request.answer(failed(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED));
            return;
        }
        request.session()
                .services()
                .registries()
                .producerIds()
                .next(request.session().onLane(new Reply<Long>() {
                    @Override
                    public void complete(Long producerId) {
                        request.answer(new InitProducerIdResponseData()
                                .setProducerId(producerId)
                                .setProducerEpoch(FIRST_EPOCH));
                    }

                    @Override
                    public void fail(ErrorCode error, String reason) {
                        // The one error after which a client simply asks again.
                        request.answer(failed(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS));
                    }
                }));
    }

    private static InitProducerIdResponseData failed(ErrorCode error) {
        return new InitProducerIdResponseData()
                .setErrorCode(KafkaErrors.code(error))
                .setProducerId(-1)
                .setProducerEpoch((short) -1);
    }
}
