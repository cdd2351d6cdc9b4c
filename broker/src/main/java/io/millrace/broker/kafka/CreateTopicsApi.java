package io.millrace.broker.kafka;

import io.millrace.broker.config.ConfigKey;
import io.millrace.broker.config.DestinationConfig;
import io.millrace.broker.metadata.Destination;
import io.millrace.broker.metadata.Destinations;
import io.millrace.broker.metadata.NewDestination;
import io.millrace.broker.partition.Reply;
import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.Ids;
import io.millrace.broker.session.InvalidRequestException;
import io.millrace.broker.session.Join;
import io.millrace.broker.session.Request;
import io.millrace.protocol.DestinationName;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignment;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicConfigs;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;

/** Serves CreateTopics. */
final class CreateTopicsApi implements ApiHandler {
    @Override
    public void onRequest(Request request, long nowMs) {
        CreateTopicsRequestData message = (CreateTopicsRequestData) request.message();
        CreateTopicsResponseData response = new CreateTopicsResponseData();
        Join join = new Join(() -> request.answer(response));
        for (CreatableTopic topic : message.topics()) {
            CreatableTopicResult out = new CreatableTopicResult().setName(topic.name());
            if (message.topics().findAll(topic.name()).size() > 1) {
                out.setErrorCode(ErrorCode.INVALID_REQUEST.code()).setErrorMessage("the topic is named twice");
                if (response.topics().find(topic.name()) == null) {
                    response.topics().add(out);
                }
                continue;
            }
            response.topics().add(out);
            try {
                create(request, wanted(request, topic), message.validateOnly(), out, join);
            } catch (InvalidRequestException e) {
                out.setErrorCode(e.error().code()).setErrorMessage(e.reason());
            }
        }
        join.allBegun();
    }

    private static void create(
            Request request, NewDestination wanted, boolean validateOnly, CreatableTopicResult out, Join join) {
        join.begin();
        Destinations destinations = request.session().services().registries().destinations();
        Reply<Destination> reply = request.session().onLane(new Reply<Destination>() {
            @Override
            public void complete(Destination created) {
                describe(created, out);
                join.end();
            }

            @Override
            public void fail(ErrorCode error, String reason) {
                ErrorCode kafkas = error == ErrorCode.INVALID_DESTINATION ? ErrorCode.INVALID_TOPIC_EXCEPTION : error;
                out.setErrorCode(KafkaErrors.code(kafkas)).setErrorMessage(reason);
                join.end();
            }
        });
        if (validateOnly) {
            destinations.validate(wanted, reply);
        } else {
            destinations.create(wanted, reply);
        }
    }

    private static NewDestination wanted(Request request, CreatableTopic topic) {
        Map<String, String> configs = new TreeMap<>();
        for (CreatableTopicConfig config : topic.configs()) {
            String value = config.value();
            if (value == null) {
                throw new InvalidRequestException(
                        ErrorCode.INVALID_CONFIG, "the setting " + config.name() + " has no value");
            }
            configs.put(config.name(), value);
        }
        try {
            DestinationName name = DestinationName.ofTopicName(topic.name());
            return topic.assignments().isEmpty()
                    ? new NewDestination(name, topic.numPartitions(), topic.replicationFactor(), configs).madeByKafka()
                    : assigned(request, topic, name, configs).madeByKafka();
        } catch (IllegalArgumentException e) {
            throw new InvalidRequestException(ErrorCode.INVALID_TOPIC_EXCEPTION, String.valueOf(e.getMessage()));
        }
    }

    /** A manual assignment may only say what the broker would do anyway: all replicas here, partitions from 0 on. */
    private static NewDestination assigned(
            Request request, CreatableTopic topic, DestinationName name, Map<String, String> configs) {
        int brokerId = request.session().services().config().brokerId();
        int partitions = topic.assignments().size();
        for (CreatableReplicaAssignment assignment : topic.assignments()) {
            boolean inRange = assignment.partitionIndex() >= 0 && assignment.partitionIndex() < partitions;
            if (!inRange || !assignment.brokerIds().equals(List.of(brokerId))) {
                throw new InvalidRequestException(
                        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                        "partition " + assignment.partitionIndex() + " on brokers " + assignment.brokerIds()
                                + "; partitions count from 0, and the only broker is " + brokerId);
            }
        }
        return new NewDestination(name, partitions, 1, configs);
    }

    private static void describe(Destination created, CreatableTopicResult out) {
        List<CreatableTopicConfigs> configs = new ArrayList<>();
        for (ConfigKey<?> key : DestinationConfig.keys()) {
            configs.add(new CreatableTopicConfigs()
                    .setName(key.name())
                    .setValue(created.config().text(key))
                    .setConfigSource(ConfigSources.code(created.config().source(key)))
                    .setReadOnly(false)
                    .setIsSensitive(key.secret()));
        }
        out.setTopicId(Ids.of(created.topicId()))
                .setNumPartitions(created.partitions().size())
                .setReplicationFactor(
                        (short) created.partitions().get(0).replicas().size())
                .setConfigs(configs);
    }
}
