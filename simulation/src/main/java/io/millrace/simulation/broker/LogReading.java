package io.millrace.simulation.broker;

import io.millrace.broker.log.LogSlice;
import io.millrace.broker.partition.FetchResult;
import io.millrace.broker.partition.FetchSpec;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.PartitionDescription;
import io.millrace.protocol.ErrorCode;
import io.millrace.simulation.check.History;
import io.millrace.simulation.check.LogHistory;
import io.millrace.simulation.check.ViolationError;
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

    public LogReading(History history) {
        this.history = history;
    }

    /** Reads what is committed, of all partitions that a broker leads. */
    public void read(SimBroker broker) {
        for (SimPartition hosted : broker.partitions()) {
            PartitionDescription description = hosted.partition().describe();
            if (description.leaderEpoch() >= 0) {
                String name = hosted.id().toString();
                LogHistory log = logs.computeIfAbsent(
                        name, n -> new LogHistory(n, hosted.destination().name().toString(), history));
                log.readFrom(
                        new LogHistory.Source(broker.host(), broker.starts(), description.leaderEpoch()),
                        broker.mayHaveLost());
                read(name, hosted.partition(), hosted.lane().nowMs(), log);
            }
        }
    }

    /** Requires that all replicas of all partitions end alike; the brokers are those that hold them. */
    public static void requireAlike(List<SimBroker> brokers) {
        Map<String, String> ends = new TreeMap<>();
        for (SimBroker broker : brokers) {
            for (SimPartition hosted : broker.partitions()) {
                String end = hosted.storage().messages().logEndOffset() + " of epoch "
                        + hosted.storage().messages().leaderEpochs().latestEpoch();
                String other = ends.putIfAbsent(hosted.id().toString(), end);
                if (other != null && !other.equals(end)) {
                    throw new ViolationError("apart: replicas of " + hosted.id() + " end at " + other + " and " + end);
                }
            }
        }
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
