package io.millrace.broker.partition;

import io.millrace.broker.delivery.MessageSummary;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.MessageHeaders;
import io.millrace.protocol.record.Codecs;
import io.millrace.protocol.record.InvalidBatchException;
import io.millrace.protocol.record.RecordBatch;
import io.millrace.protocol.record.RecordReader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** What record batches must be to be appended. Everything is looked at before anything is appended. */
final class BatchRules {
    /** What a batch may grow to when it is decompressed. */
    static final int MAX_PLAIN_BYTES = 64 * 1024 * 1024;

    private BatchRules() {}

    /**
     * The batches in a buffer, each of them fit to be appended.
     *
     * @throws InvalidBatchException with the answer to the producer
     */
    static List<RecordBatch> check(ByteBuffer buffer, Append.Source source, int maxMessageBytes, int segmentBytes) {
        List<RecordBatch> batches = new ArrayList<>(1);
        int position = 0;
        int limit = buffer.limit();
        while (position < limit) {
            RecordBatch batch = new RecordBatch(buffer, position);
            batch.validate(limit);
            checkHeader(batch, source, maxMessageBytes, segmentBytes);
            checkRecords(batch, source);
            batches.add(batch);
            position = batch.end();
        }
        if (batches.isEmpty() || (source == Append.Source.SEND && batches.size() > 1)) {
            throw new InvalidBatchException(
                    ErrorCode.INVALID_REQUEST, "one record batch is to be sent, not " + batches.size());
        }
        return batches;
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

    private static void checkRecords(RecordBatch batch, Append.Source source) {
        ByteBuffer records = Codecs.records(batch, MAX_PLAIN_BYTES);
        if (source == Append.Source.SEND) {
            checkSummary(MessageSummary.ofBatch(records));
        }
        RecordReader reader = new RecordReader(records);
        int count = 0;
        while (reader.next()) {
            if (reader.offsetDelta() != count) {
                throw new InvalidBatchException(
                        ErrorCode.INVALID_RECORD,
                        "record " + count + " of a batch has offset delta " + reader.offsetDelta());
            }
            count++;
        }
        if (count != batch.count()) {
            throw new InvalidBatchException(
                    ErrorCode.INVALID_RECORD, "a batch of " + count + " records says that it holds " + batch.count());
        }
    }

    private static void checkSummary(int summary) {
        if (summary != MessageSummary.UNKNOWN && (summary & MessageHeaders.USES_DELAY) != 0) {
            throw new InvalidBatchException(
                    ErrorCode.UNSUPPORTED_FEATURE, "a delivery delay is not supported yet; send without one");
        }
    }
}
