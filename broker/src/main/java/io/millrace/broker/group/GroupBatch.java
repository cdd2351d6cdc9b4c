package io.millrace.broker.group;

import io.millrace.protocol.record.EncodedRecord;
import io.millrace.protocol.record.RecordBatchWriter;
import io.millrace.protocol.record.Varints;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Records of a coordinator as one batch of the log. */
final class GroupBatch {
    private static final int NO_SEQUENCE = -1;
    private static final short NO_EPOCH = -1;
    private static final long NO_PRODUCER = -1;

    private GroupBatch() {}

    /** The batch; the caller owns it. */
    static ByteBuf of(List<GroupRecord> records, long nowMs) {
        List<EncodedRecord> encoded = new ArrayList<>(records.size());
        for (GroupRecord record : records) {
            ByteBuf body = Unpooled.buffer();
            write(body, GroupRecordCodec.key(record));
            write(body, GroupRecordCodec.value(record));
            Varints.write(body, 0); // headers
            encoded.add(new EncodedRecord(body, nowMs, -1, 0));
        }
        ByteBuf batch = Unpooled.buffer();
        RecordBatchWriter.write(batch, NO_PRODUCER, NO_EPOCH, NO_SEQUENCE, encoded);
        encoded.forEach(record -> record.body().release());
        return batch;
    }

    private static void write(ByteBuf out, byte @Nullable [] bytes) {
        Varints.write(out, bytes == null ? -1 : bytes.length);
        if (bytes != null) {
            out.writeBytes(bytes);
        }
    }
}
