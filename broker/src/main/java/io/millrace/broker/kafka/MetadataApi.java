package io.millrace.broker.kafka;

import io.millrace.broker.metadata.BrokerAddress;
import io.millrace.broker.metadata.Destination;
import io.millrace.broker.metadata.Destinations;
import io.millrace.broker.metadata.InternalTopics;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.NewDestination;
import io.millrace.broker.metadata.PartitionState;
import io.millrace.broker.partition.Reply;
import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.Ids;
import io.millrace.broker.session.Join;
import io.millrace.broker.session.Request;
import io.millrace.protocol.DestinationName;
import io.millrace.protocol.ErrorCode;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseBroker;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.jspecify.annotations.Nullable;

/**
 * Serves Metadata: the brokers, and topics with their partitions. A topic that is asked for by name and does not exist is created first,
 * if the request and the broker's settings allow it, and the answer waits for it.
 */
final class MetadataApi implements ApiHandler {
    /** The last version in which an empty list means all topics. */
    private static final short EMPTY_MEANS_ALL = 0;

    private static final short FIRST_TO_FORBID_CREATION = 4;
    private static final short FIRST_WITH_NULL_NAMES = 12;

    @Override
    public void onRequest(Request request, long nowMs) {
        MetadataRequestData message = (MetadataRequestData) request.message();
        if (CutOff.sendsElsewhere(request)) {
            return;
        }
        MetadataResponseData response = new MetadataResponseData();
        Join join = new Join(() -> answer(request, message, response));
        List<MetadataRequestTopic> asked = message.topics();
        if (asked == null || (asked.isEmpty() && request.version() == EMPTY_MEANS_ALL)) {
            for (Destination topic : image(request).destinations()) {
                response.topics().add(described(topic));
            }
        } else {
            boolean mayCreate = request.version() < FIRST_TO_FORBID_CREATION || message.allowAutoTopicCreation();
            for (MetadataRequestTopic topic : asked) {
                describe(request, topic, mayCreate, response, join);
            }
        }
        join.allBegun();
    }

    private static void describe(
            Request request, MetadataRequestTopic asked, boolean mayCreate, MetadataResponseData response, Join join) {
        Destination found = new Topics(request).find(asked.name(), asked.topicId());
        String name = asked.name();
        if (found != null) {
            addOnce(response, described(found));
        } else if (!asked.topicId().equals(Uuid.ZERO_UUID) || name == null) {
            addOnce(response, unknownId(request, asked));
        } else if (!DestinationName.isLegalTopicName(name)) {
            addOnce(response, absent(name, ErrorCode.INVALID_TOPIC_EXCEPTION));
        } else if (!mayCreate || !request.session().services().config().autoCreate()) {
            addOnce(response, absent(name, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION));
        } else {
            create(request, name, response, join);
        }
    }

    private static void create(Request request, String name, MetadataResponseData response, Join join) {
        NewDestination wanted;
        try {
            wanted = NewDestination.byDefault(DestinationName.ofTopicName(name)).madeByKafka();
        } catch (IllegalArgumentException e) {
            addOnce(response, absent(name, ErrorCode.INVALID_TOPIC_EXCEPTION));
            return;
        }
        join.begin();
        Reply<Destination> reply = request.session().onLane(new Reply<Destination>() {
            @Override
            public void complete(Destination created) {
                addOnce(response, described(created));
                join.end();
            }

            @Override
            public void fail(ErrorCode error, String reason) {
                addOnce(response, absent(name, error));
                join.end();
            }
        });
        Destinations destinations = request.session().services().registries().destinations();
        if (InternalTopics.isInternal(name)) {
            destinations.resolveConsumerOffsets(reply);
        } else {
            destinations.resolveOrCreate(wanted, reply);
        }
    }

    /** A client may name a topic twice; the answer names it once. */
    private static void addOnce(MetadataResponseData response, MetadataResponseTopic topic) {
        if (topic.name() == null || response.topics().find(topic.name()) == null) {
            response.topics().mustAdd(topic);
        }
    }

    private static void answer(Request request, MetadataRequestData message, MetadataResponseData response) {
        MetadataImage image = image(request);
        response.setClusterId(image.clusterId()).setControllerId(image.controllerId());
        for (BrokerAddress broker : image.brokers().values()) {
            response.brokers()
                    .add(new MetadataResponseBroker()
                            .setNodeId(broker.id())
                            .setHost(broker.host())
                            .setPort(broker.port())
                            .setRack(broker.rack()));
        }
        if (message.includeClusterAuthorizedOperations()) {
            response.setClusterAuthorizedOperations(AuthorizedOperations.CLUSTER);
        }
        if (message.includeTopicAuthorizedOperations()) {
            response.topics().stream()
                    .filter(topic -> topic.errorCode() == ErrorCode.NONE.code())
                    .forEach(topic -> topic.setTopicAuthorizedOperations(AuthorizedOperations.TOPIC));
        }
        request.answer(response);
    }

    private static MetadataResponseTopic described(Destination topic) {
        MetadataResponseTopic described = new MetadataResponseTopic()
                .setName(topic.topicName())
                .setTopicId(Ids.of(topic.topicId()))
                .setIsInternal(InternalTopics.isInternal(topic.topicName()));
        for (PartitionState partition : topic.partitions()) {
            boolean led = partition.leaderId() != PartitionState.NO_LEADER;
            described
                    .partitions()
                    .add(new MetadataResponsePartition()
                            .setErrorCode((led ? ErrorCode.NONE : ErrorCode.LEADER_NOT_AVAILABLE).code())
                            .setPartitionIndex(partition.index())
                            .setLeaderId(partition.leaderId())
                            .setLeaderEpoch(partition.leaderEpoch())
                            .setReplicaNodes(partition.replicas())
                            .setIsrNodes(partition.isr()));
        }
        return described;
    }

    private static MetadataResponseTopic unknownId(Request request, MetadataRequestTopic asked) {
        @Nullable String name = request.version() >= FIRST_WITH_NULL_NAMES ? null : "";
        return new MetadataResponseTopic()
                .setErrorCode(ErrorCode.UNKNOWN_TOPIC_ID.code())
                .setName(name)
                .setTopicId(asked.topicId());
    }

    private static MetadataResponseTopic absent(String name, ErrorCode error) {
        return new MetadataResponseTopic().setErrorCode(KafkaErrors.code(error)).setName(name);
    }

    private static MetadataImage image(Request request) {
        return request.session().services().registries().destinations().image();
    }
}
