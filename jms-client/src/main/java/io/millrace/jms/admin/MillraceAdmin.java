package io.millrace.jms.admin;

import io.millrace.jms.ConnectionSettings;
import io.millrace.jms.engine.Done;
import io.millrace.jms.engine.EngineConfig;
import io.millrace.jms.transport.Await;
import io.millrace.jms.transport.EngineThread;
import io.millrace.protocol.DestinationKind;
import io.millrace.protocol.DestinationName;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.SubscriptionKind;
import io.millrace.protocol.message.AlterClusterSettingsRequestData;
import io.millrace.protocol.message.AlterReplicasRequestData;
import io.millrace.protocol.message.AlterReplicasResponseData;
import io.millrace.protocol.message.ClusterStateResponseData;
import io.millrace.protocol.message.DescribeDestinationResponseData;
import io.millrace.protocol.message.DescribeReplicasResponseData;
import io.millrace.protocol.message.ListDestinationsResponseData;
import io.millrace.protocol.message.UpgradeClusterResponseData;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Creates, deletes, lists and describes queues and topics. One connection, for any thread, until it is closed. Every
 * failure is a JMSException that says what was wrong: InvalidDestinationException for a destination that is not there.
 */
public final class MillraceAdmin implements AutoCloseable {
    private final EngineThread thread;
    private final long timeoutMs;
    private final AtomicBoolean isClosed = new AtomicBoolean();

    private MillraceAdmin(EngineThread thread, long timeoutMs) {
        this.thread = thread;
        this.timeoutMs = timeoutMs;
    }

    /**
     * Connects to a broker.
     *
     * @param uri as for {@link io.millrace.jms.MillraceConnectionFactory#MillraceConnectionFactory(String)}
     */
    public static MillraceAdmin connect(String uri) throws JMSException {
        ConnectionSettings settings = ConnectionSettings.parse(uri);
        EngineConfig config = settings.engineConfig();
        EngineThread thread = EngineThread.start(config, lost -> {});
        MillraceAdmin admin = new MillraceAdmin(thread, settings.requestTimeoutMs());
        try {
            Await<Done> opened = new Await<>();
            thread.execute((engine, nowMs) -> engine.open(opened, nowMs));
            opened.get("connecting", 0);
        } catch (JMSException e) {
            admin.close();
            throw e;
        }
        return admin;
    }

    /**
     * Creates a queue.
     *
     * @param partitions how many partitions, or null for the broker's default
     * @param configs settings, by key
     */
    public void createQueue(String name, @Nullable Integer partitions, Map<String, String> configs)
            throws JMSException {
        createQueue(name, partitions, null, configs);
    }

    /**
     * Creates a queue.
     *
     * @param partitions how many partitions, or null for the broker's default
     * @param replicas how many brokers hold each partition, or null for the broker's default
     * @param configs settings, by key
     */
    public void createQueue(
            String name, @Nullable Integer partitions, @Nullable Integer replicas, Map<String, String> configs)
            throws JMSException {
        create(destination(DestinationKind.QUEUE, name), partitions, replicas, configs);
    }

    /**
     * Creates a topic.
     *
     * @param partitions how many partitions, or null for the broker's default
     * @param configs settings, by key
     */
    public void createTopic(String name, @Nullable Integer partitions, Map<String, String> configs)
            throws JMSException {
        createTopic(name, partitions, null, configs);
    }

    /**
     * Creates a topic.
     *
     * @param partitions how many partitions, or null for the broker's default
     * @param replicas how many brokers hold each partition, or null for the broker's default
     * @param configs settings, by key
     */
    public void createTopic(
            String name, @Nullable Integer partitions, @Nullable Integer replicas, Map<String, String> configs)
            throws JMSException {
        create(destination(DestinationKind.TOPIC, name), partitions, replicas, configs);
    }

    /** Deletes a queue with all its messages. */
    public void deleteQueue(String name) throws JMSException {
        delete(destination(DestinationKind.QUEUE, name));
    }

    /** Deletes a topic with all its messages and subscriptions. */
    public void deleteTopic(String name) throws JMSException {
        delete(destination(DestinationKind.TOPIC, name));
    }

    /** The queues, sorted by name. */
    public List<DestinationInfo> listQueues() throws JMSException {
        return list(DestinationKind.QUEUE);
    }

    /** The topics, sorted by name. */
    public List<DestinationInfo> listTopics() throws JMSException {
        return list(DestinationKind.TOPIC);
    }

    /** Describes a queue. */
    public DestinationDescription describeQueue(String name) throws JMSException {
        return describe(destination(DestinationKind.QUEUE, name));
    }

    /** Describes a topic. */
    public DestinationDescription describeTopic(String name) throws JMSException {
        return describe(destination(DestinationKind.TOPIC, name));
    }

    /** The brokers of the cluster and the state of every partition, as one broker sees them. */
    public ClusterDescription describeCluster() throws JMSException {
        Await<ClusterStateResponseData> reply = new Await<>();
        thread.execute((engine, nowMs) -> engine.describeCluster(reply, nowMs));
        ClusterStateResponseData answer = reply.get("describing the cluster", timeoutMs);
        return ClusterDescription.of(answer);
    }

    /** Asks the controller to let the first replica of each partition lead it, where it is in sync. */
    public void electPreferredLeaders() throws JMSException {
        Await<Done> reply = new Await<>();
        thread.execute((engine, nowMs) -> engine.electPreferredLeaders(reply, nowMs));
        reply.get("electing preferred leaders", timeoutMs);
    }

    /** What moves in the cluster, and how far the followers of the partitions are that the asked broker leads. */
    public ReplicasDescription describeReplicas() throws JMSException {
        Await<DescribeReplicasResponseData> reply = new Await<>();
        thread.execute((engine, nowMs) -> engine.describeReplicas(reply, nowMs));
        return ReplicasDescription.of(reply.get("describing the replicas", timeoutMs));
    }

    /**
     * Has partitions move to other brokers; returns when the cluster knows it, not when they have arrived.
     *
     * @return what became of each, in the order of the call
     */
    public List<ReassignmentAnswer> alterReplicas(List<Reassignment> reassignments) throws JMSException {
        AlterReplicasRequestData request = new AlterReplicasRequestData();
        for (Reassignment wanted : reassignments) {
            DestinationKind kind = wanted.isQueue() ? DestinationKind.QUEUE : DestinationKind.TOPIC;
            request.partitions()
                    .add(new AlterReplicasRequestData.AlteredPartition()
                            .setKind(kind.code())
                            .setName(wanted.destination())
                            .setIndex(wanted.index())
                            .setReplicas(wanted.replicas()));
        }
        Await<AlterReplicasResponseData> reply = new Await<>();
        thread.execute((engine, nowMs) -> engine.alterReplicas(request, reply, nowMs));
        return reply.get("moving replicas", timeoutMs).results().stream()
                .map(MillraceAdmin::answer)
                .toList();
    }

    private static ReassignmentAnswer answer(AlterReplicasResponseData.AlterResult result) {
        ErrorCode code = ErrorCode.of(result.errorCode());
        return code == ErrorCode.NONE
                ? ReassignmentAnswer.ACCEPTED
                : new ReassignmentAnswer(
                        code.name(), Objects.requireNonNullElse(result.errorMessage(), code.meaning()));
    }

    /** How much each leading broker is to send to replicas that are not in sync, in bytes a second; 0 for as much as it can. */
    public void throttleCatchUp(long bytesPerSecond) throws JMSException {
        alterSettings(new AlterClusterSettingsRequestData().setCatchUpBytesPerSecond(bytesPerSecond));
    }

    /** Has a broker lead nothing that another can lead, or ends that. */
    public void setMaintenance(int brokerId, boolean isInMaintenance) throws JMSException {
        AlterClusterSettingsRequestData request = new AlterClusterSettingsRequestData();
        alterSettings(
                isInMaintenance
                        ? request.setEnterMaintenance(List.of(brokerId))
                        : request.setLeaveMaintenance(List.of(brokerId)));
    }

    private void alterSettings(AlterClusterSettingsRequestData request) throws JMSException {
        Await<Done> reply = new Await<>();
        thread.execute((engine, nowMs) -> engine.alterClusterSettings(request, reply, nowMs));
        reply.get("changing the cluster's settings", timeoutMs);
    }

    /** At which format level the cluster writes, and what each broker supports. */
    public FormatLevels describeFormatLevels() throws JMSException {
        return upgrade(null, "describing the format level");
    }

    /**
     * Raises the format level at which the cluster writes to the newest that all its brokers support. It never goes back: earlier builds
     * can not take part in the cluster any more.
     */
    public FormatLevels raiseFormatLevel() throws JMSException {
        return upgrade(0, "raising the format level");
    }

    /** The same to a level, which all brokers must support. */
    public FormatLevels raiseFormatLevel(int level) throws JMSException {
        if (level < 1) {
            throw new IllegalArgumentException("format level " + level + " is not 1 or more");
        }
        return upgrade(level, "raising the format level to " + level);
    }

    private FormatLevels upgrade(@Nullable Integer level, String what) throws JMSException {
        Await<UpgradeClusterResponseData> reply = new Await<>();
        thread.execute((engine, nowMs) -> engine.upgradeCluster(level, reply, nowMs));
        return FormatLevels.of(reply.get(what, timeoutMs));
    }

    /** Closes the connection. A second call does nothing. */
    @Override
    public void close() {
        if (!isClosed.compareAndSet(false, true)) {
            return;
        }
        thread.execute((engine, nowMs) -> engine.abort(nowMs));
        thread.end();
    }

    private void create(
            DestinationName name, @Nullable Integer partitions, @Nullable Integer replicas, Map<String, String> configs)
            throws JMSException {
        Map<String, String> copy = Map.copyOf(configs);
        Await<Done> reply = new Await<>();
        thread.execute((engine, nowMs) -> engine.createDestination(name, partitions, replicas, copy, reply, nowMs));
        reply.get("creating " + name, timeoutMs);
    }

    private void delete(DestinationName name) throws JMSException {
        Await<Done> reply = new Await<>();
        thread.execute((engine, nowMs) -> engine.deleteDestination(name, reply, nowMs));
        reply.get("deleting " + name, timeoutMs);
    }

    private List<DestinationInfo> list(DestinationKind kind) throws JMSException {
        Await<ListDestinationsResponseData> reply = new Await<>();
        thread.execute((engine, nowMs) -> engine.listDestinations(kind, reply, nowMs));
        List<DestinationInfo> infos = new ArrayList<>();
        for (ListDestinationsResponseData.ListedDestination listed :
                reply.get("listing", timeoutMs).destinations()) {
            infos.add(new DestinationInfo(
                    listed.kind() == DestinationKind.QUEUE.code(),
                    listed.name(),
                    listed.topicName(),
                    listed.topicId().toString(),
                    listed.partitions()));
        }
        return infos;
    }

    private DestinationDescription describe(DestinationName name) throws JMSException {
        Await<DescribeDestinationResponseData> reply = new Await<>();
        thread.execute((engine, nowMs) -> engine.describeDestination(name, reply, nowMs));
        DescribeDestinationResponseData answer = reply.get("describing " + name, timeoutMs);
        Map<String, String> configs = new TreeMap<>();
        answer.configs().forEach(config -> {
            String value = config.value();
            configs.put(config.name(), value == null ? "" : value);
        });
        return new DestinationDescription(
                name.kind() == DestinationKind.QUEUE,
                name.name(),
                answer.topicName(),
                answer.topicId().toString(),
                configs,
                answer.partitions().stream().map(MillraceAdmin::partition).toList());
    }

    private static PartitionDescription partition(DescribeDestinationResponseData.PartitionDescription partition) {
        return new PartitionDescription(
                partition.index(),
                partition.leaderId(),
                partition.logStartOffset(),
                partition.highWatermark(),
                partition.logEndOffset(),
                partition.sizeBytes(),
                partition.deliveryLogBytes(),
                partition.subscriptions().stream()
                        .map(MillraceAdmin::subscription)
                        .toList());
    }

    private static SubscriptionDescription subscription(
            DescribeDestinationResponseData.SubscriptionDescription subscription) {
        String kind =
                switch (SubscriptionKind.of(subscription.kind())) {
                    case QUEUE -> "queue";
                    case NON_DURABLE -> "non-durable";
                    case DURABLE -> "durable";
                    case SHARED_NON_DURABLE -> "shared";
                    case SHARED_DURABLE -> "shared durable";
                };
        return new SubscriptionDescription(
                kind,
                subscription.clientId(),
                subscription.name(),
                subscription.waiting(),
                subscription.inFlight(),
                subscription.consumers(),
                subscription.floor());
    }

    private static DestinationName destination(DestinationKind kind, String name) throws JMSException {
        try {
            return new DestinationName(kind, name);
        } catch (IllegalArgumentException e) {
            throw new InvalidDestinationException(e.getMessage());
        }
    }
}
