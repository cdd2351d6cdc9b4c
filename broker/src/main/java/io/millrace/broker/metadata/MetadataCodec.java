package io.millrace.broker.metadata;

import io.millrace.broker.config.DestinationConfig;
import io.millrace.broker.config.HostPort;
import io.millrace.broker.format.Formats.Range;
import io.millrace.protocol.DestinationKind;
import io.millrace.protocol.DestinationName;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Where each thing stands in the metadata store and how it is written there. Every value is a JSON object with a
 * version; a reader refuses a version that it does not know, and passes over fields that it does not know.
 *
 * <pre>
 * /millrace/cluster                       the cluster's id
 * /millrace/secret                        what brokers prove to each other that they belong to the cluster
 * /millrace/format-level                  the format level, and what it is being raised to; of version 1 for ever
 * /millrace/brokers/ids/ID                a living broker, ephemeral
 * /millrace/brokers/next                  the next broker id to be given
 * /millrace/brokers/births                changed by each new data directory, to have a place in the order of changes
 * /millrace/controller                    the controller, ephemeral
 * /millrace/controller-epoch              changed by each election of a controller
 * /millrace/preferred-election            the wish that preferred replicas lead; the controller takes it away
 * /millrace/settings                      settings of the cluster: the replication throttle, brokers in maintenance
 * /millrace/topics/TOPIC_NAME             id, kind, JMS name, replicas of each partition at first, settings
 * /millrace/partitions/TOPIC_ID/INDEX     leader, leader epoch, in-sync replicas; replicas once they were moved
 * /millrace/deleting/TOPIC_ID             the intent to delete what is left of a topic on some brokers
 * /millrace/subscriptions/NAME            a durable subscription; NAME is client id and name, escaped
 * /millrace/client-ids/CLIENT_ID          the JMS connection that has a client id; below it the brokers that it claimed it at, ephemeral
 * /millrace/producer-ids                  the first id of the next block
 * </pre>
 */
final class MetadataCodec {
    static final String ROOT = "/millrace";
    static final String CLUSTER = ROOT + "/cluster";
    static final String SECRET = ROOT + "/secret";
    static final String LEVEL = ROOT + "/format-level";
    static final String BROKERS = ROOT + "/brokers/ids";
    static final String NEXT_BROKER_ID = ROOT + "/brokers/next";
    static final String BIRTHS = ROOT + "/brokers/births";
    static final String CONTROLLER = ROOT + "/controller";
    static final String CONTROLLER_EPOCH = ROOT + "/controller-epoch";
    static final String PREFERRED_ELECTION = ROOT + "/preferred-election";
    static final String SETTINGS = ROOT + "/settings";
    static final String TOPICS = ROOT + "/topics";
    static final String PARTITIONS = ROOT + "/partitions";
    static final String DELETING = ROOT + "/deleting";
    static final String SUBSCRIPTIONS = ROOT + "/subscriptions";
    static final String CLIENT_IDS = ROOT + "/client-ids";
    static final String PRODUCER_IDS = ROOT + "/producer-ids";

    private static final int VERSION = 1;
    /** Of a partition that is not on the brokers that its destination was made on, and says itself on which. */
    private static final int MOVED_VERSION = 2;

    private MetadataCodec() {}

    static String topicPath(String topicName) {
        return TOPICS + "/" + topicName;
    }

    static String partitionsPath(UUID topicId) {
        return PARTITIONS + "/" + topicId;
    }

    static String partitionPath(UUID topicId, int index) {
        return partitionsPath(topicId) + "/" + index;
    }

    static String deletingPath(UUID topicId) {
        return DELETING + "/" + topicId;
    }

    static String brokerPath(int id) {
        return BROKERS + "/" + id;
    }

    static String clientIdPath(String clientId) {
        return CLIENT_IDS + "/" + escape(clientId);
    }

    /**
     * @param claim differs at each claim
     */
    static String clientId(UUID connectionId, UUID claim) {
        return JsonObject.ofVersion(VERSION)
                .with("connection", connectionId.toString())
                .with("claim", claim.toString())
                .toString();
    }

    static UUID readClientId(StoredValue stored) {
        return JsonObject.read(stored, VERSION).uuid("connection");
    }

    /** Client id and name are each escaped, so that the dot between them is the only one that is not. */
    static String subscriptionPath(String clientId, String name) {
        return SUBSCRIPTIONS + "/" + escape(clientId) + "." + escape(name);
    }

    static String cluster(String clusterId) {
        return JsonObject.ofVersion(VERSION).with("id", clusterId).toString();
    }

    static String readCluster(StoredValue stored) {
        return JsonObject.read(stored, VERSION).text("id");
    }

    static String secret(String secret) {
        return JsonObject.ofVersion(VERSION).with("secret", secret).toString();
    }

    static String readSecret(StoredValue stored) {
        return JsonObject.read(stored, VERSION).text("secret");
    }

    static String level(StoredLevel level) {
        return JsonObject.ofVersion(VERSION)
                .with("level", (long) level.level())
                .with("raising", (long) level.raising())
                .with("since", level.since())
                .toString();
    }

    static StoredLevel readLevel(StoredValue stored) {
        JsonObject object = JsonObject.read(stored, VERSION);
        return new StoredLevel(object.integer("level"), object.integer("raising"), object.text("since"));
    }

    /**
     * @param taker differs each time, so that nobody takes another's write for its own
     */
    static String nextBrokerId(int next, UUID taker) {
        return JsonObject.ofVersion(VERSION)
                .with("next", (long) next)
                .with("taker", taker.toString())
                .toString();
    }

    static int readNextBrokerId(StoredValue stored) {
        return JsonObject.read(stored, VERSION).integer("next");
    }

    static String birth(UUID directory) {
        return JsonObject.ofVersion(VERSION)
                .with("directory", directory.toString())
                .toString();
    }

    /**
     * @param directory the id of the broker's data directory, by which a broker knows a trace of itself
     */
    static String broker(BrokerAddress broker, UUID directory) {
        return JsonObject.ofVersion(VERSION)
                .with("host", broker.host())
                .with("port", (long) broker.port())
                .with("peerAddress", broker.peerAddress().toString())
                .with("rack", broker.rack())
                .with("directory", directory.toString())
                .with("dataSince", broker.dataSince())
                .with("draining", broker.draining())
                .with("software", broker.build().software())
                .with("levels", longs(broker.build().levels()))
                .with("peerProtocol", longs(broker.build().peerProtocol()))
                .toString();
    }

    private static List<Long> longs(Range range) {
        return List.of((long) range.oldest(), (long) range.newest());
    }

    private static Range range(List<Integer> ends) {
        return new Range(ends.get(0), ends.get(1));
    }

    private static BrokerBuild readBuild(JsonObject object) {
        return object.has("levels")
                ? new BrokerBuild(
                        object.text("software"),
                        range(object.integers("levels")),
                        range(object.integers("peerProtocol")))
                : BrokerBuild.FIRST;
    }

    static BrokerAddress readBroker(StoredValue stored) {
        JsonObject object = JsonObject.read(stored, VERSION);
        String host = object.text("host");
        int port = object.integer("port");
        return new BrokerAddress(
                lastNumber(stored.path()),
                host,
                port,
                object.has("peerAddress") ? HostPort.parse(object.text("peerAddress")) : new HostPort(host, port),
                object.nullableText("rack"),
                stored.createdAt(),
                object.has("dataSince") ? object.number("dataSince") : 0,
                object.has("draining") && object.flag("draining"),
                readBuild(object));
    }

    /** The data directory of a registered broker; empty if an older build registered it. */
    static String readBrokerDirectory(StoredValue stored) {
        JsonObject object = JsonObject.read(stored, VERSION);
        return object.has("directory") ? object.text("directory") : "";
    }

    /**
     * @param claim differs at each election
     */
    static String controller(int brokerId, UUID claim) {
        return JsonObject.ofVersion(VERSION)
                .with("broker", (long) brokerId)
                .with("claim", claim.toString())
                .toString();
    }

    static int readController(StoredValue stored) {
        return JsonObject.read(stored, VERSION).integer("broker");
    }

    /** The number at the end of a path. */
    static int lastNumber(String path) {
        return Integer.parseInt(path.substring(path.lastIndexOf('/') + 1));
    }

    /** The topic of a partition's path. */
    static UUID topicOf(String partitionPath) {
        return UUID.fromString(partitionPath.substring(PARTITIONS.length() + 1, partitionPath.lastIndexOf('/')));
    }

    static String topic(Destination destination) {
        return JsonObject.ofVersion(VERSION)
                .with("id", destination.topicId().toString())
                .with("kind", destination.name().kind().word())
                .with("name", destination.name().name())
                .with(
                        "replicas",
                        destination.partitions().stream()
                                .map(partition -> longs(partition.replicas()))
                                .toList())
                .with("configs", destination.config().overrides())
                .toString();
    }

    /** A topic as stored, with the partitions' replicas but not their present state. */
    static StoredTopic readTopic(StoredValue stored) {
        JsonObject object = JsonObject.read(stored, VERSION);
        String word = object.text("kind");
        DestinationKind kind = List.of(DestinationKind.values()).stream()
                .filter(candidate -> candidate.word().equals(word))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException("the metadata at " + stored.path() + " has the kind " + word));
        return new StoredTopic(
                new DestinationName(kind, object.text("name")),
                object.uuid("id"),
                object.integerLists("replicas"),
                object.texts("configs"));
    }

    static String partition(PartitionState state) {
        Placement placement = state.placement();
        JsonObject object = JsonObject.ofVersion(placement.isMoved() ? MOVED_VERSION : VERSION)
                .with("leader", (long) state.leaderId())
                .with("leaderEpoch", (long) state.leaderEpoch())
                .with("isr", longs(state.isr()))
                .with("isrEpochs", state.isrEpochs());
        if (placement.isMoved()) {
            object.with("replicas", longs(placement.replicas()))
                    .with("adding", longs(placement.adding()))
                    .with("removing", longs(placement.removing()));
        }
        return object.toString();
    }

    /**
     * @param made the replicas that its destination was made with, which count as long as the state does not say others
     */
    static PartitionState readPartition(StoredValue stored, int index, List<Integer> made) {
        JsonObject object = JsonObject.read(stored, MOVED_VERSION);
        List<Integer> isr = object.integers("isr");
        Placement placement = object.has("replicas")
                ? new Placement(
                        object.integers("replicas"), object.integers("adding"), object.integers("removing"), true)
                : Placement.of(made);
        return new PartitionState(
                index,
                placement,
                object.integer("leader"),
                object.integer("leaderEpoch"),
                isr,
                object.has("isrEpochs")
                        ? object.longs("isrEpochs")
                        : isr.stream().map(member -> 0L).toList(),
                stored.version());
    }

    static String settings(ClusterSettings settings) {
        return JsonObject.ofVersion(VERSION)
                .with("catchUpBytesPerSecond", settings.catchUpBytesPerSecond())
                .with("maintenance", longs(List.copyOf(settings.maintenance())))
                .toString();
    }

    static ClusterSettings readSettings(StoredValue stored) {
        JsonObject object = JsonObject.read(stored, VERSION);
        return new ClusterSettings(
                object.number("catchUpBytesPerSecond"), new TreeSet<>(object.integers("maintenance")));
    }

    static String deleting(DeletedTopic deleted) {
        return JsonObject.ofVersion(VERSION)
                .with("id", deleted.topicId().toString())
                .with("topicName", deleted.topicName())
                .with("partitions", (long) deleted.partitions())
                .with("brokers", longs(deleted.brokers()))
                .toString();
    }

    static DeletedTopic readDeleting(StoredValue stored) {
        JsonObject object = JsonObject.read(stored, VERSION);
        return new DeletedTopic(
                object.uuid("id"),
                object.text("topicName"),
                object.integer("partitions"),
                object.has("brokers") ? object.integers("brokers") : List.of());
    }

    static String subscription(DurableSubscription subscription, SubscriptionPhase phase) {
        return JsonObject.ofVersion(VERSION)
                .with("clientId", subscription.clientId())
                .with("name", subscription.name())
                .with("topicId", subscription.topicId().toString())
                .with("selector", subscription.selector())
                .with("noLocal", subscription.noLocal())
                .with("incarnation", subscription.incarnation())
                .with("phase", phase.word())
                .toString();
    }

    static DurableSubscription readSubscription(StoredValue stored) {
        JsonObject object = JsonObject.read(stored, VERSION);
        return new DurableSubscription(
                object.text("clientId"),
                object.text("name"),
                object.uuid("topicId"),
                object.nullableText("selector"),
                object.flag("noLocal"),
                object.number("incarnation"));
    }

    static SubscriptionPhase readPhase(StoredValue stored) {
        return SubscriptionPhase.of(JsonObject.read(stored, VERSION).text("phase"));
    }

    /**
     * @param taker differs each time, so that nobody takes another's write for its own
     */
    static String producerIds(long nextBlock, UUID taker) {
        return JsonObject.ofVersion(VERSION)
                .with("nextBlock", nextBlock)
                .with("taker", taker.toString())
                .toString();
    }

    static long readProducerIds(StoredValue stored) {
        return JsonObject.read(stored, VERSION).number("nextBlock");
    }

    /** Settings of a stored topic that this build no longer takes are left out by the caller, so they are kept apart. */
    record StoredTopic(DestinationName name, UUID topicId, List<List<Integer>> replicas, Map<String, String> configs) {
        Destination with(List<PartitionState> partitions, DestinationConfig config) {
            return new Destination(name, topicId, partitions, config);
        }
    }

    private static List<Long> longs(List<Integer> integers) {
        return integers.stream().map(Integer::longValue).toList();
    }

    /** Letters, digits, '-' and '_' stay; every other UTF-16 unit is written as %HHHH. */
    private static String escape(String name) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean plain =
                    (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
            if (plain) {
                out.append(c);
            } else {
                out.append('%').append(Integer.toHexString(c | 0x10000), 1, 5);
            }
        }
        return out.toString();
    }
}
