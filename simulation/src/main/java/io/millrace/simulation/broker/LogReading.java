package io.millrace.simulation.broker;

import io.millrace.broker.log.Log;
import io.millrace.broker.log.LogKind;
import io.millrace.broker.log.LogSlice;
import io.millrace.broker.metadata.InternalTopics;
import io.millrace.broker.partition.FetchResult;
import io.millrace.broker.partition.FetchSpec;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.PartitionDescription;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.record.RecordBatch;
import io.millrace.protocol.record.RecordReader;
import io.millrace.simulation.check.History;
import io.millrace.simulation.check.LogHistory;
import io.millrace.simulation.check.MessageName;
import io.millrace.simulation.check.ViolationError;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads the logs as a Kafka consumer would that never forgets, of whoever believes that he leads, over all lives of all brokers.
 */
public final class LogReading {
    private static final int READ_BYTES = 50_000;

    private final History history;
    private final Map<String, LogHistory> logs = new TreeMap<>();
    /** How often the broker that is alone had lost something when a log was read last. */
    private final Map<String, Integer> losses = new TreeMap<>();

    public LogReading(History history) {
        this.history = history;
    }

    /** Reads what is committed, of all partitions that a broker leads. */
    public void read(SimBroker broker) {
        for (SimPartition hosted : broker.partitions()) {
            PartitionDescription description = hosted.partition().describe();
            boolean holdsMessages = !InternalTopics.isInternal(hosted.id().topicName());
            if (description.leaderEpoch() >= 0 && holdsMessages) {
                String name = hosted.id().toString();
                LogHistory log = logs.computeIfAbsent(
                        name, n -> new LogHistory(n, hosted.destination().name().toString(), history));
                log.readFrom(
                        new LogHistory.Source(broker.host(), broker.starts(), description.leaderEpoch()),
                        broker.mayHaveLostSince(losses.getOrDefault(name, 0)));
                losses.put(name, broker.losses());
                read(name, hosted.partition(), hosted.lane().nowMs(), log);
            }
        }
    }

    /** Requires that all replicas of all partitions are alike, byte for byte, in both logs; the brokers are those that hold them. */
    public void requireAlike(List<SimBroker> brokers) {
        Map<String, SimPartition> leading = new TreeMap<>();
        for (SimBroker broker : brokers) {
            for (SimPartition hosted : broker.partitions()) {
                if (hosted.partition().describe().leaderEpoch() >= 0) {
                    leading.put(hosted.id().toString(), hosted);
                }
            }
        }
        for (SimBroker broker : brokers) {
            for (SimPartition hosted : broker.partitions()) {
                SimPartition leader = leading.get(hosted.id().toString());
                if (leader == null) {
                    throw new ViolationError("stuck: nobody leads " + hosted.id());
                }
                long end = leader.partition().highWatermark();
                requireAlike(
                        broker.host(),
                        hosted.storage().messages(),
                        leader.storage().messages(),
                        end);
                Log deliveries = leader.storage().deliveries();
                // Nobody says how far it is committed; there may be more on its way.
                long both = Math.min(hosted.storage().deliveries().logEndOffset(), deliveries.logEndOffset());
                requireAlike(broker.host(), hosted.storage().deliveries(), deliveries, both);
            }
        }
    }

    /** What nobody asked to be on disk may be gone with the power from one of them, and is then missing there. */
    private void requireAlike(String host, Log log, Log leaders, long end) {
        long from = Math.max(log.logStartOffset(), leaders.logStartOffset());
        while (true) {
            ByteBuffer one = batchAt(log, from, end);
            ByteBuffer other = batchAt(leaders, from, end);
            if (!one.hasRemaining() && !other.hasRemaining()) {
                break;
            }
            boolean isOneFirst = !other.hasRemaining() || (one.hasRemaining() && begin(one) < begin(other));
            ByteBuffer first = isOneFirst ? one : other;
            boolean mayBeMissing = !one.hasRemaining() || !other.hasRemaining() || begin(one) != begin(other);
            if (!one.equals(other) && !(mayBeMissing && holdsNothingDurable(first))) {
                throw new ViolationError("apart: " + log.key() + " at offset " + from + " has " + describe(one) + " on "
                        + host + ", and its leader " + describe(other));
            }
            from = new RecordBatch(first, 0).nextOffset();
        }
        if (log.key().kind() == LogKind.MESSAGE && log.logEndOffset() < end) {
            throw new ViolationError("apart: " + log.key() + " ends at " + log.logEndOffset() + " on " + host
                    + ", and its leader has committed up to " + end);
        }
    }

    private boolean holdsNothingDurable(ByteBuffer batch) {
        RecordBatch read = new RecordBatch(batch, 0);
        RecordReader records = new RecordReader(read.recordBytes());
        while (!read.isControl() && records.next()) {
            ByteBuffer value = records.value();
            MessageName name = value == null ? null : MessageName.of(value);
            History.Sent sent = name == null ? null : history.sent(name);
            if (sent == null || sent.isDurable()) {
                return false;
            }
        }
        return true;
    }

    private static long begin(ByteBuffer batch) {
        return new RecordBatch(batch, 0).baseOffset();
    }

    /** The batch that holds an offset, or the next one there is; empty if there is none. */
    private static ByteBuffer batchAt(Log log, long offset, long end) {
        LogSlice slice = log.read(offset, 1, end);
        if (slice == null) {
            return ByteBuffer.allocate(0);
        }
        try {
            ByteBuffer bytes = slice.copy();
            return bytes.slice(bytes.position(), new RecordBatch(bytes, bytes.position()).end() - bytes.position());
        } finally {
            slice.release();
        }
    }

    private static String describe(ByteBuffer batch) {
        if (!batch.hasRemaining()) {
            return "nothing";
        }
        RecordBatch read = new RecordBatch(batch, 0);
        return "a batch from " + read.baseOffset() + " to " + read.nextOffset() + " of epoch " + read.leaderEpoch();
    }

    private static void read(String name, Partition partition, long nowMs, LogHistory log) {
        while (true) {
            FetchResult fetched = partition.onFetch(new FetchSpec(log.readUpTo(), READ_BYTES, -1), nowMs);
            if (fetched.error() == ErrorCode.OFFSET_OUT_OF_RANGE && log.readUpTo() < fetched.logStartOffset()) {
                log.onRetention(fetched.logStartOffset());
                continue;
            }
            if (fetched.error() == ErrorCode.KAFKA_STORAGE_ERROR
                    || fetched.error() == ErrorCode.NOT_LEADER_OR_FOLLOWER) {
                return;
            }
            if (fetched.error() != ErrorCode.NONE) {
                throw new ViolationError("unreadable: " + name + " from " + log.readUpTo() + " on, of "
                        + fetched.logStartOffset() + " to " + fetched.highWatermark() + ": " + fetched.error());
            }
            LogSlice records = fetched.records();
            if (records == null) {
                log.onEnd(fetched.highWatermark(), partition.describe().logEndOffset());
                return;
            }
            try {
                log.onRead(records.copy());
            } finally {
                records.release();
            }
        }
    }
}
