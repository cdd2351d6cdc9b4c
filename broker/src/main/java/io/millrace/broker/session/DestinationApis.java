package io.millrace.broker.session;

import io.millrace.broker.config.DestinationConfig;
import io.millrace.broker.metadata.BrokerAddress;
import io.millrace.broker.metadata.Destination;
import io.millrace.broker.metadata.Destinations;
import io.millrace.broker.metadata.InternalTopics;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.NewDestination;
import io.millrace.broker.metadata.PartitionState;
import io.millrace.protocol.DestinationKind;
import io.millrace.protocol.DestinationName;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.CreateDestinationRequestData;
import io.millrace.protocol.message.CreateDestinationResponseData;
import io.millrace.protocol.message.DeleteDestinationRequestData;
import io.millrace.protocol.message.DeleteDestinationResponseData;
import io.millrace.protocol.message.ListDestinationsRequestData;
import io.millrace.protocol.message.ListDestinationsResponseData;
import io.millrace.protocol.message.ResolveDestinationRequestData;
import io.millrace.protocol.message.ResolveDestinationResponseData;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/** Serves what concerns destinations as such: ResolveDestination, CreateDestination, DeleteDestination, ListDestinations. */
final class DestinationApis {
    /** What a request holds beside its record batch, generously. */
    private static final int REQUEST_OVERHEAD_BYTES = 512;

    private static final byte ALL_KINDS = -1;

    private DestinationApis() {}

    static void resolve(Request request, long nowMs) {
        ResolveDestinationRequestData message = (ResolveDestinationRequestData) request.message();
        DestinationName name = name(message.kind(), message.name());
        Destinations destinations = destinations(request);
        Destination found = destinations.image().find(name);
        if (found != null && !InternalTopics.isInternal(found.topicName())) {
            request.answer(resolved(request, found));
            return;
        }
        RegisteredOnly.requireRegistered(request);
        if (message.create()) {
            destinations.resolveOrCreate(
                    NewDestination.byDefault(name), Answer.to(request, created -> resolved(request, created)));
        } else {
            throw unknown(name);
        }
    }

    static void create(Request request, long nowMs) {
        CreateDestinationRequestData message = (CreateDestinationRequestData) request.message();
        Map<String, String> configs = new TreeMap<>();
        for (CreateDestinationRequestData.CreateDestinationConfig config : message.configs()) {
            String value = config.value();
            if (value == null) {
                throw new InvalidRequestException(
                        ErrorCode.INVALID_CONFIG,
                        "the setting " + config.name() + " has no value; leave it out instead");
            }
            configs.put(config.name(), value);
        }
        NewDestination wanted = new NewDestination(
                name(message.kind(), message.name()), message.partitions(), message.replicationFactor(), configs);
        destinations(request).create(wanted, Answer.to(request, created -> new CreateDestinationResponseData()
                .setTopicId(Ids.of(created.topicId()))));
    }

    static void delete(Request request, long nowMs) {
        DeleteDestinationRequestData message = (DeleteDestinationRequestData) request.message();
        destinations(request)
                .delete(
                        name(message.kind(), message.name()),
                        Answer.to(request, done -> new DeleteDestinationResponseData()));
    }

    static void list(Request request, long nowMs) {
        ListDestinationsRequestData message = (ListDestinationsRequestData) request.message();
        DestinationKind wanted = message.kind() == ALL_KINDS ? null : kind(message.kind());
        List<Destination> sorted = destinations(request).image().destinations().stream()
                .filter(destination -> wanted == null || destination.name().kind() == wanted)
                .filter(destination -> !InternalTopics.isInternal(destination.topicName()))
                .sorted(Comparator.comparing((Destination d) -> d.name().kind())
                        .thenComparing(d -> d.name().name()))
                .toList();
        ListDestinationsResponseData response = new ListDestinationsResponseData();
        for (Destination destination : sorted) {
            response.destinations()
                    .add(new ListDestinationsResponseData.ListedDestination()
                            .setKind(destination.name().kind().code())
                            .setName(destination.name().name())
                            .setTopicName(destination.topicName())
                            .setTopicId(Ids.of(destination.topicId()))
                            .setPartitions(destination.partitions().size()));
        }
        request.answer(response);
    }

    /** The destination that a request names. */
    static DestinationName name(byte kindCode, String name) {
        DestinationKind kind = kind(kindCode);
        try {
            return new DestinationName(kind, name);
        } catch (IllegalArgumentException e) {
            throw new InvalidRequestException(ErrorCode.INVALID_DESTINATION, String.valueOf(e.getMessage()));
        }
    }

    static InvalidRequestException unknown(DestinationName name) {
        return new InvalidRequestException(ErrorCode.INVALID_DESTINATION, name + " does not exist");
    }

    private static DestinationKind kind(byte code) {
        try {
            return DestinationKind.of(code);
        } catch (IllegalArgumentException e) {
            throw new InvalidRequestException(ErrorCode.INVALID_REQUEST, "Kind: " + e.getMessage());
        }
    }

    private static Destinations destinations(Request request) {
        return request.session().services().registries().destinations();
    }

    private static ApiMessage resolved(Request request, Destination destination) {
        int frameBytes = request.session().services().config().maxFrameBytes() - REQUEST_OVERHEAD_BYTES;
        ResolveDestinationResponseData response = new ResolveDestinationResponseData()
                .setTopicId(Ids.of(destination.topicId()))
                .setTopicName(destination.topicName())
                .setMaxMessageBytes(
                        Math.min(destination.config().get(DestinationConfig.MAX_MESSAGE_BYTES), frameBytes));
        MetadataImage image = destinations(request).image();
        SortedSet<Integer> brokers = new TreeSet<>(); // those that may lead next too: clients keep links to them
        for (PartitionState partition : destination.partitions()) {
            brokers.addAll(partition.replicas());
            brokers.add(partition.leaderId());
            response.partitions()
                    .add(new ResolveDestinationResponseData.PartitionLeader()
                            .setIndex(partition.index())
                            .setLeaderId(partition.leaderId())
                            .setLeaderEpoch(partition.leaderEpoch()));
        }
        for (int broker : brokers) {
            @Nullable BrokerAddress address = image.brokers().get(broker);
            if (address != null) {
                response.brokers()
                        .add(new ResolveDestinationResponseData.BrokerAddress()
                                .setId(address.id())
                                .setHost(address.host())
                                .setPort(address.port()));
            }
        }
        return response;
    }
}
