package io.millrace.simulation.broker;

import io.millrace.broker.log.LogSlice;
import io.millrace.broker.partition.FetchResult;
import io.millrace.broker.partition.FetchSpec;
import io.millrace.broker.partition.Partition;
import io.millrace.protocol.ErrorCode;
import io.millrace.simulation.check.History;
import io.millrace.simulation.check.LogHistory;
import io.millrace.simulation.check.ViolationError;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads the logs as a Kafka consumer would that never forgets, over all lives of the broker. */
final class LogReading {
    private static final int READ_BYTES = 50_000;

    private final History history;
    private final Map<String, LogHistory> logs = new TreeMap<>();

    LogReading(History history) {
        this.history = history;
    }

    /** The broker died. */
    void onRestart(boolean mayHaveLost) {
        logs.values().forEach(log -> log.readAgain(mayHaveLost));
    }

    /** Reads what is committed. */
    void read(List<SimPartitions.Hosted> partitions) {
        for (SimPartitions.Hosted hosted : partitions) {
            LogHistory log = logs.computeIfAbsent(
                    hosted.id().toString(),
                    name -> new LogHistory(name, hosted.destination().name().toString(), history));
            read(
                    hosted.id().toString(),
                    hosted.hosted().partition(),
                    hosted.hosted().lane().nowMs(),
                    log);
        }
    }

    private static void read(String name, Partition partition, long nowMs, LogHistory log) {
        while (true) {
            FetchResult fetched = partition.onFetch(new FetchSpec(log.readUpTo(), READ_BYTES, -1), nowMs);
            if (fetched.error() == ErrorCode.OFFSET_OUT_OF_RANGE && log.readUpTo() < fetched.logStartOffset()) {
                log.onRetention(fetched.logStartOffset());
                continue;
            }
            if (fetched.error() == ErrorCode.KAFKA_STORAGE_ERROR) {
                return;
            }
            if (fetched.error() != ErrorCode.NONE) {
                throw new ViolationError("unreadable: " + name + " from " + log.readUpTo() + " on, of "
                        + fetched.logStartOffset() + " to " + fetched.highWatermark() + ": " + fetched.error());
            }
            LogSlice records = fetched.records();
            if (records == null) {
                log.onEnd(fetched.highWatermark());
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
