package io.millrace.broker.session;

import io.millrace.broker.metadata.Destination;
import io.millrace.broker.metadata.PartitionState;
import io.millrace.broker.partition.PartitionDescription;
import io.millrace.protocol.DestinationName;
import io.millrace.protocol.message.DescribeDestinationRequestData;
import io.millrace.protocol.message.DescribeDestinationResponseData;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** Serves DescribeDestination: asks every partition that this broker holds, each on its lane, and answers when all have said. */
final class DescribeDestinationApi implements ApiHandler {
    @Override
    public void onRequest(Request request, long nowMs) {
        DescribeDestinationRequestData message = (DescribeDestinationRequestData) request.message();
        ConnectionSession session = request.session();
        DestinationName name = DestinationApis.name(message.kind(), message.name());
        @Nullable
        Destination destination =
                session.services().registries().destinations().image().find(name);
        if (destination == null) {
            RegisteredOnly.requireRegistered(request);
            throw DestinationApis.unknown(name);
        }
        DescribeDestinationResponseData response = new DescribeDestinationResponseData()
                .setTopicId(Ids.of(destination.topicId()))
                .setTopicName(destination.topicName());
        destination.config().overrides().forEach((key, value) -> response.configs()
                .add(new DescribeDestinationResponseData.DestinationConfig()
                        .setName(key)
                        .setValue(value)));
        Gathering gathering = new Gathering(request, response);
        for (PartitionState state : destination.partitions()) {
            gathering.ask(session, destination, state);
        }
        gathering.join.allBegun();
    }

    /** The answers of the partitions. Owned by the connection's lane. */
    private static final class Gathering {
        private final Request request;
        private final DescribeDestinationResponseData response;
        private final Join join = new Join(this::answer);

        Gathering(Request request, DescribeDestinationResponseData response) {
            this.request = request;
            this.response = response;
        }

        void ask(ConnectionSession session, Destination destination, PartitionState state) {
            HostedPartition hosted = session.services().partitions().find(destination.topicId(), state.index());
            if (hosted == null) {
                response.partitions().add(described(state));
                return;
            }
            join.begin();
            session.call(hosted, partition -> {
                PartitionDescription description = partition.describe();
                session.onLane(() -> {
                    response.partitions().add(described(state, description));
                    join.end();
                });
            });
        }

        private void answer() {
            response.partitions()
                    .sort(Comparator.comparingInt(DescribeDestinationResponseData.PartitionDescription::index));
            request.answer(response);
        }

        private static DescribeDestinationResponseData.PartitionDescription described(PartitionState state) {
            return new DescribeDestinationResponseData.PartitionDescription()
                    .setIndex(state.index())
                    .setLeaderId(state.leaderId())
                    .setLeaderEpoch(state.leaderEpoch());
        }

        private static DescribeDestinationResponseData.PartitionDescription described(
                PartitionState state, PartitionDescription description) {
            DescribeDestinationResponseData.PartitionDescription out = described(state)
                    .setLeaderEpoch(description.leaderEpoch())
                    .setLogStartOffset(description.logStartOffset())
                    .setHighWatermark(description.highWatermark())
                    .setLogEndOffset(description.logEndOffset())
                    .setSizeBytes(description.sizeBytes())
                    .setDeliveryLogBytes(description.deliveryLogBytes());
            for (PartitionDescription.Subscription subscription : description.subscriptions()) {
                out.subscriptions()
                        .add(new DescribeDestinationResponseData.SubscriptionDescription()
                                .setKind(subscription.key().kind().code())
                                .setClientId(subscription.key().clientId())
                                .setName(subscription.key().name())
                                .setWaiting(subscription.waiting())
                                .setInFlight(subscription.inFlight())
                                .setConsumers(subscription.consumers())
                                .setFloor(subscription.floor()));
            }
            return out;
        }
    }
}
