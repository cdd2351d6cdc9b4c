package io.millrace.simulation.client;

import io.millrace.protocol.record.RecordBatch;
import io.millrace.protocol.record.RecordReader;
import io.millrace.simulation.check.GroupHistory;
import io.millrace.simulation.check.ViolationError;
import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.jspecify.annotations.Nullable;

/**
 * Reads the partitions that a member of a group owns: fetches from their leaders, hands the messages to the application, and has the member commit
 * what that is done with.
 */
final class GroupReader {
    private static final int FETCH_VERSION = 12;
    private static final int LIST_OFFSETS_VERSION = 7;
    private static final int NO_ID = -1;
    private static final int NO_EPOCH = -1;
    private static final long EARLIEST = -2;
    private static final int WAIT_MS = 300;
    private static final int MOST_BYTES = 30_000;
    private static final long AGAIN_NS = 100 * Kernel.MILLI;

    /** What reading needs of the member. */
    interface Member extends KafkaTopic.Site {
        /** The application is done with what lies before these positions: goes on when it may be given more. */
        void onProcessed(int partition, long position, Runnable goOn);

        /** How long the application takes for what a fetch brought. */
        long processingNs();
    }

    private final KafkaTopic topic;
    private final KafkaWire wire;
    private final Member member;
    private final GroupHistory judged;
    private final Chance chance;
    private final Map<Integer, Long> positions = new TreeMap<>();
    /** Counts assignments: what belongs to an earlier one is passed over. */
    private int assignment;

    GroupReader(KafkaTopic topic, KafkaWire wire, Member member, GroupHistory judged, Chance chance) {
        this.topic = topic;
        this.wire = wire;
        this.member = member;
        this.judged = judged;
        this.chance = chance;
    }

    /** Up to where the application has been given each partition. */
    Map<Integer, Long> positions() {
        return Map.copyOf(positions);
    }

    /** Reads nothing any more. */
    void stop() {
        assignment++;
        positions.clear();
    }

    /** Reads these partitions, from these offsets on, or from the beginning where there is none. */
    void start(Map<Integer, Long> from, Iterable<Integer> partitions) {
        stop();
        int begun = assignment;
        for (int partition : partitions) {
            Long position = from.get(partition);
            if (position == null) {
                findBeginning(partition, begun);
            } else {
                positions.put(partition, position);
                fetch(partition, begun);
            }
        }
    }

    private void later(int begun, String what, Runnable action) {
        member.after(chance.skewed(AGAIN_NS / 10, AGAIN_NS * 3), what, () -> {
            if (assignment == begun) {
                action.run();
            }
        });
    }

    private <T extends ApiMessage> void callLeader(
            int partition, int begun, Runnable again, ApiMessage request, int version, T answer, Consumer<T> done) {
        String host = topic.leader(partition);
        if (host == null) {
            topic.ask();
            later(begun, "looks for a leader", again);
            return;
        }
        Runnable failed = () -> {
            if (assignment == begun) {
                topic.forget(partition);
                later(begun, "reads again", again);
            }
        };
        wire.call(
                host,
                "partition " + partition,
                new KafkaCall<>(
                        request,
                        version,
                        answer,
                        KafkaWire.ANSWER_NS,
                        filled -> {
                            if (assignment == begun) {
                                done.accept(filled);
                            }
                        },
                        failed));
    }

    // ---- where there is nothing committed

    private void findBeginning(int partition, int begun) {
        Runnable again = () -> findBeginning(partition, begun);
        ListOffsetsRequestData request = new ListOffsetsRequestData()
                .setReplicaId(NO_ID)
                .setTopics(List.of(new ListOffsetsTopic()
                        .setName(topic.name())
                        .setPartitions(List.of(new ListOffsetsPartition()
                                .setPartitionIndex(partition)
                                .setCurrentLeaderEpoch(NO_EPOCH)
                                .setTimestamp(EARLIEST)))));
        callLeader(partition, begun, again, request, LIST_OFFSETS_VERSION, new ListOffsetsResponseData(), answer -> {
            ListOffsetsPartitionResponse found =
                    answer.topics().get(0).partitions().get(0);
            if (found.errorCode() != Errors.NONE.code()) {
                topic.forget(partition);
                later(begun, "looks for the beginning again", again);
                return;
            }
            positions.put(partition, found.offset());
            fetch(partition, begun);
        });
    }

    // ---- fetch

    private void fetch(int partition, int begun) {
        if (assignment != begun) {
            return;
        }
        long position = positions.getOrDefault(partition, 0L);
        FetchRequestData request = new FetchRequestData()
                .setMaxWaitMs(WAIT_MS)
                .setMinBytes(1)
                .setMaxBytes(MOST_BYTES)
                .setTopics(List.of(new FetchTopic()
                        .setTopic(topic.name())
                        .setPartitions(List.of(new FetchPartition()
                                .setPartition(partition)
                                .setCurrentLeaderEpoch(NO_EPOCH)
                                .setFetchOffset(position)
                                .setPartitionMaxBytes(MOST_BYTES)))));
        Runnable again = () -> fetch(partition, begun);
        callLeader(
                partition,
                begun,
                again,
                request,
                FETCH_VERSION,
                new FetchResponseData(),
                answer -> onFetched(
                        partition, begun, answer.responses().get(0).partitions().get(0)));
    }

    private void onFetched(int partition, int begun, PartitionData fetched) {
        Runnable again = () -> fetch(partition, begun);
        switch (Errors.forCode(fetched.errorCode())) {
            case NONE -> {
                if (read(partition, fetched)) {
                    member.after(member.processingNs(), "is done with messages", () -> {
                        if (assignment == begun) {
                            member.onProcessed(partition, positions.getOrDefault(partition, 0L), again);
                        }
                    });
                } else {
                    later(begun, "fetches again", again);
                }
            }
            // Out of range may come of a leader that is none any more, and is shorter.
            case NOT_LEADER_OR_FOLLOWER,
                    UNKNOWN_TOPIC_OR_PARTITION,
                    KAFKA_STORAGE_ERROR,
                    OFFSET_OUT_OF_RANGE,
                    OFFSET_NOT_AVAILABLE -> {
                topic.forget(partition);
                later(begun, "fetches again", again);
            }
            default -> throw new ViolationError("a fetch failed with " + Errors.forCode(fetched.errorCode()));
        }
    }

    /** Answers whether there was anything. */
    private boolean read(int partition, PartitionData fetched) {
        ByteBuffer batches =
                fetched.records() instanceof MemoryRecords records ? records.buffer() : ByteBuffer.allocate(0);
        long position = positions.getOrDefault(partition, 0L);
        long began = position;
        for (int at = batches.position(); RecordBatch.isComplete(batches, at, batches.limit()); ) {
            RecordBatch batch = new RecordBatch(batches, at);
            if (!batch.isIntact()) {
                throw new ViolationError("damaged: a batch of partition " + partition + " at " + batch.baseOffset());
            }
            at = batch.end();
            RecordReader records = batch.isControl() ? null : new RecordReader(batch.recordBytes());
            read(partition, position, batch, records);
            position = Math.max(position, batch.nextOffset());
        }
        positions.put(partition, position);
        return position > began;
    }

    private void read(int partition, long from, RecordBatch batch, @Nullable RecordReader records) {
        while (records != null && records.next()) {
            long offset = batch.baseOffset() + records.offsetDelta();
            ByteBuffer body = records.value();
            if (offset >= from && body != null) {
                judged.onRead(body, partition, offset);
            }
        }
    }
}
