package io.millrace.simulation.client;

import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseBroker;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.jspecify.annotations.Nullable;

/** What a Kafka client knows of a topic: how many partitions it has, and on what hosts they are led. It asks any broker, and again after a while. */
final class KafkaTopic {
    private static final int METADATA_VERSION = 9;
    private static final long AGAIN_NS = 100 * Kernel.MILLI;

    /** What it needs of its process. */
    interface Site {
        /** The host of any broker. */
        String anyHost();

        void after(long delayNs, String what, Runnable action);
    }

    private final String name;
    private final KafkaWire wire;
    private final Site process;
    private final Chance chance;
    private final Map<Integer, String> leaders = new TreeMap<>();
    private int partitionCount;
    private boolean asking;

    KafkaTopic(String name, KafkaWire wire, Site process, Chance chance) {
        this.name = name;
        this.wire = wire;
        this.process = process;
        this.chance = chance;
    }

    String name() {
        return name;
    }

    /** How many partitions there are; 0 as long as that is not known. */
    int partitionCount() {
        return partitionCount;
    }

    /** The host of a partition's leader; null as long as that is not known. */
    @Nullable
    String leader(int partition) {
        return leaders.get(partition);
    }

    /** A partition is not led where it seemed to be: it is asked again who does. */
    void forget(int partition) {
        leaders.remove(partition);
        ask();
    }

    /** Asks who leads what, unless that is under way. */
    void ask() {
        if (!asking) {
            asking = true;
            askNow();
        }
    }

    private void askNow() {
        MetadataRequestData request = new MetadataRequestData()
                .setAllowAutoTopicCreation(false)
                .setTopics(List.of(new MetadataRequestTopic().setName(name)));
        wire.call(
                process.anyHost(),
                "metadata",
                new KafkaCall<>(
                        request,
                        METADATA_VERSION,
                        new MetadataResponseData(),
                        KafkaWire.ANSWER_NS,
                        this::onAnswer,
                        this::askAgain));
    }

    private void onAnswer(MetadataResponseData answer) {
        MetadataResponseTopic topic = answer.topics().find(name);
        if (topic == null || topic.errorCode() != 0) {
            askAgain();
            return;
        }
        partitionCount = topic.partitions().size();
        for (MetadataResponsePartition partition : topic.partitions()) {
            MetadataResponseBroker broker = answer.brokers().find(partition.leaderId());
            if (broker != null) {
                leaders.put(partition.partitionIndex(), broker.host());
            }
        }
        asking = false;
    }

    private void askAgain() {
        process.after(chance.skewed(AGAIN_NS / 10, AGAIN_NS * 3), "asks for metadata again", this::askNow);
    }
}
