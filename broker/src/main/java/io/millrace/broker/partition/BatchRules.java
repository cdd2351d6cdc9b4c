package io.millrace.broker.partition;

import io.millrace.broker.config.TimestampType;
import io.millrace.broker.delivery.MessageSummary;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.MessageHeaders;
import io.millrace.protocol.record.Codecs;
import io.millrace.protocol.record.InvalidBatchException;
import io.millrace.protocol.record.RecordBatch;
import io.millrace.protocol.record.RecordReader;
import java.nio.ByteBuffer;

/** What a record batch must be to be appended. Everything is looked at before anything is appended. */
final class BatchRules {
    /** What a batch may grow to when it is decompressed. */
    static final int MAX_PLAIN_BYTES = 64 * 1024 * 1024;

    private BatchRules() {}

    /** How far ahead of the broker's clock a producer's may be: as far as Kafka allows; retention by time waits for it. */
    static final long MAX_AHEAD_MS = 60 * 60 * 1000;

    /**
     * The batch in a buffer, fit to be appended: the largest timestamp that it names is that of its records.
     *
     * @throws InvalidBatchException with the answer to the producer
     */
    static RecordBatch check(
            ByteBuffer buffer, Append.Source source, PartitionConfig config, int segmentBytes, long nowMs) {
        RecordBatch batch = new RecordBatch(buffer, 0);
        batch.validate(buffer.limit());
        if (batch.end() != buffer.limit()) {
            // Of two, the first could be appended and the second not; and as a duplicate, the first would answer for
            // both.
            throw new InvalidBatchException(
                    source == Append.Source.SEND ? ErrorCode.INVALID_REQUEST : ErrorCode.INVALID_RECORD,
                    "one record batch is to be sent; there are " + (buffer.limit() - batch.end()) + " bytes behind it");
        }
        checkHeader(batch, source, config.maxMessageBytes(), segmentBytes);
        long maxTimestampMs = checkRecords(batch, source);
        if (config.timestamps() == TimestampType.CREATE_TIME) {
            checkTimestamp(maxTimestampMs, nowMs);
            batch.correctMaxTimestamp(maxTimestampMs);
        }
        return batch;
    }

    private static void checkHeader(RecordBatch batch, Append.Source source, int maxMessageBytes, int segmentBytes) {
        if (batch.sizeBytes() > maxMessageBytes) {
            throw new InvalidBatchException(
                    ErrorCode.MESSAGE_TOO_LARGE,
                    "a record batch of " + batch.sizeBytes() + " bytes; max.message.bytes is " + maxMessageBytes);
        }
        if (batch.sizeBytes() > segmentBytes) {
            throw new InvalidBatchException(
                    ErrorCode.RECORD_LIST_TOO_LARGE,
                    "a record batch of " + batch.sizeBytes() + " bytes; segment.bytes is " + segmentBytes);
        }
        if (batch.isControl()) {
            throw new InvalidBatchException(ErrorCode.INVALID_RECORD, "clients may not append control batches");
        }
        if (batch.isTransactional()) {
            throw new InvalidBatchException(
                    source == Append.Source.SEND ? ErrorCode.UNSUPPORTED_FEATURE : ErrorCode.INVALID_RECORD,
                    "transactions are not supported yet");
        }
        if (batch.isLogAppendTime()) {
            throw new InvalidBatchException(
                    ErrorCode.INVALID_TIMESTAMP, "the log append time is the broker's to set, not the producer's");
        }
    }

    private static void checkTimestamp(long maxTimestampMs, long nowMs) {
        if (maxTimestampMs - MAX_AHEAD_MS > nowMs) {
            throw new InvalidBatchException(
                    ErrorCode.INVALID_TIMESTAMP,
                    "a record has the timestamp " + maxTimestampMs + ", more than an hour ahead of the broker's clock, "
                            + nowMs);
        }
    }

    /** Looks at every record; the largest timestamp of one. */
    private static long checkRecords(RecordBatch batch, Append.Source source) {
        ByteBuffer records = Codecs.records(batch, MAX_PLAIN_BYTES);
        if (source == Append.Source.SEND) {
            checkSummary(MessageSummary.ofBatch(records));
        }
        RecordReader reader = new RecordReader(records);
        int count = 0;
        long maxTimestampMs = -1;
        while (reader.next()) {
            if (reader.offsetDelta() != count) {
                throw new InvalidBatchException(
                        ErrorCode.INVALID_RECORD,
                        "record " + count + " of a batch has offset delta " + reader.offsetDelta());
            }
            maxTimestampMs = Math.max(maxTimestampMs, batch.baseTimestampMs() + reader.timestampDelta());
            count++;
        }
        if (count != batch.count()) {
            throw new InvalidBatchException(
                    ErrorCode.INVALID_RECORD, "a batch of " + count + " records says that it holds " + batch.count());
        }
        return maxTimestampMs;
    }

    private static void checkSummary(int summary) {
        if (summary != MessageSummary.UNKNOWN && (summary & MessageHeaders.USES_DELAY) != 0) {
            throw new InvalidBatchException(
                    ErrorCode.UNSUPPORTED_FEATURE, "a delivery delay is not supported yet; send without one");
        }
    }
}
