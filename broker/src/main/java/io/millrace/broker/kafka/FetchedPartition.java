package io.millrace.broker.kafka;

import io.millrace.broker.log.LogSlice;
import io.millrace.broker.partition.EpochEndOffset;
import io.millrace.broker.partition.FetchResult;
import io.millrace.broker.partition.FetchSpec;
import io.millrace.broker.partition.ParkedFetch;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.session.ConnectionSession;
import io.millrace.broker.session.HostedPartition;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.SlicedRecords;
import java.util.List;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.jspecify.annotations.Nullable;

/** One partition of a fetch: what was asked, what was read, and its part of the answer. Owned by the connection's lane. */
final class FetchedPartition {
    private static final byte READ_COMMITTED = 1;
    private static final int NO_EPOCH = -1;

    private final FetchPartition asked;
    private final @Nullable HostedPartition hosted;
    private final PartitionData response = new PartitionData();
    private final Parking parking = new Parking();
    private @Nullable LogSlice records;

    /**
     * A partition asked for.
     *
     * @param absence what to answer if {@code hosted} is null
     */
    FetchedPartition(FetchPartition asked, @Nullable HostedPartition hosted, ErrorCode absence) {
        this.asked = asked;
        this.hosted = hosted;
        response.setPartitionIndex(asked.partition()).setRecords(MemoryRecords.EMPTY);
        if (hosted == null) {
            response.setErrorCode(absence.code()).setHighWatermark(-1);
        }
    }

    PartitionData response() {
        return response;
    }

    @Nullable
    HostedPartition hosted() {
        return hosted;
    }

    boolean failed() {
        return response.errorCode() != ErrorCode.NONE.code();
    }

    /** Whether the client has to be told something else than bytes, so that waiting for bytes makes no sense. */
    boolean diverges() {
        return response.divergingEpoch().epoch() != NO_EPOCH;
    }

    /** Whether there is more to be read at once: a read ends with its segment. */
    boolean endsEarly() {
        return records != null && records.nextOffset() < response.highWatermark();
    }

    /** The bytes read. */
    int bytes() {
        return records == null ? 0 : records.lengthBytes();
    }

    /** Reads on the partition's lane. */
    Outcome read(Partition partition, int maxBytes, long nowMs) {
        if (asked.lastFetchedEpoch() != NO_EPOCH) {
            EpochEndOffset end = partition.onOffsetForLeaderEpoch(asked.currentLeaderEpoch(), asked.lastFetchedEpoch());
            boolean known = end.error() == ErrorCode.NONE && end.leaderEpoch() != NO_EPOCH;
            if (known && (end.leaderEpoch() < asked.lastFetchedEpoch() || end.endOffset() < asked.fetchOffset())) {
                FetchSpec nothing = new FetchSpec(end.endOffset(), 1, asked.currentLeaderEpoch());
                return new Outcome(partition.onFetch(nothing, nowMs), end);
            }
        }
        int limit = Math.max(1, Math.min(maxBytes, asked.partitionMaxBytes()));
        FetchSpec spec = new FetchSpec(asked.fetchOffset(), limit, asked.currentLeaderEpoch());
        return new Outcome(partition.onFetch(spec, nowMs), null);
    }

    /**
     * Takes what was read.
     *
     * @param maxBytes how many bytes may be kept; more only if this is the first partition that has any
     */
    void accept(Outcome outcome, int maxBytes, boolean first, byte isolationLevel) {
        FetchResult result = outcome.result;
        response.setErrorCode(KafkaErrors.code(result.error()))
                .setHighWatermark(result.highWatermark())
                .setLastStableOffset(result.lastStableOffset())
                .setLogStartOffset(result.logStartOffset())
                .setAbortedTransactions(isolationLevel == READ_COMMITTED ? List.of() : null);
        records = result.records();
        if (outcome.divergesAt != null) {
            response.setDivergingEpoch(new FetchResponseData.EpochEndOffset()
                    .setEpoch(outcome.divergesAt.leaderEpoch())
                    .setEndOffset(outcome.divergesAt.endOffset()));
            release();
        } else if (records != null && records.lengthBytes() > maxBytes && !first) {
            release();
        }
    }

    /** Waits on the partition's lane; {@code wake} runs there once. */
    void park(ConnectionSession session, int minBytes, long deadlineMs, Runnable wake) {
        if (hosted != null) {
            long offset = asked.fetchOffset();
            session.call(hosted, partition -> parking.set(partition.park(offset, minBytes, deadlineMs, wake)));
        }
    }

    void unpark(ConnectionSession session) {
        if (hosted != null) {
            session.call(hosted, partition -> parking.cancel());
        }
    }

    /** Puts the records into the answer. From when it is written on they are the connection's. */
    void give() {
        if (records != null) {
            response.setRecords(new SlicedRecords(records, records.lengthBytes()));
        }
    }

    /** Gives back what was read and is not sent. */
    void release() {
        if (records != null) {
            records.release();
            records = null;
        }
    }

    /** What a read found; where the client's log and ours part, if they do. */
    record Outcome(FetchResult result, @Nullable EpochEndOffset divergesAt) {}

    /** The handle of a parked fetch. Owned by the partition's lane. */
    private static final class Parking {
        private @Nullable ParkedFetch fetch;

        void set(ParkedFetch parked) {
            fetch = parked;
        }

        void cancel() {
            if (fetch != null) {
                fetch.cancel();
                fetch = null;
            }
        }
    }
}
