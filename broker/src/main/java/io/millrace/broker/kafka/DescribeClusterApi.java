package io.millrace.broker.kafka;

import io.millrace.broker.metadata.BrokerAddress;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.Request;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData.DescribeClusterBroker;
import org.apache.kafka.common.protocol.Errors;

/** Serves DescribeCluster, for brokers; controllers are not reached from outside. */
final class DescribeClusterApi implements ApiHandler {
    private static final byte BROKERS = 1;

    @Override
    public void onRequest(Request request, long nowMs) {
        DescribeClusterRequestData message = (DescribeClusterRequestData) request.message();
        MetadataImage image =
                request.session().services().registries().destinations().image();
        DescribeClusterResponseData response = new DescribeClusterResponseData();
        if (message.endpointType() != BROKERS) {
            request.answer(response.setErrorCode(Errors.MISMATCHED_ENDPOINT_TYPE.code())
                    .setErrorMessage("endpoint type " + message.endpointType() + "; only brokers (1) are listed"));
            return;
        }
        response.setClusterId(image.clusterId()).setControllerId(image.controllerId());
        for (BrokerAddress broker : image.brokers().values()) {
            response.brokers()
                    .add(new DescribeClusterBroker()
                            .setBrokerId(broker.id())
                            .setHost(broker.host())
                            .setPort(broker.port())
                            .setRack(broker.rack()));
        }
        if (message.includeClusterAuthorizedOperations()) {
            response.setClusterAuthorizedOperations(AuthorizedOperations.CLUSTER);
        }
        request.answer(response);
    }
}
