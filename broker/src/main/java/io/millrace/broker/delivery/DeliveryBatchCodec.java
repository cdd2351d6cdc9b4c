package io.millrace.broker.delivery;

import io.millrace.broker.format.FormatLevel;
import io.millrace.broker.format.Formats;
import io.millrace.broker.format.Structure;
import io.millrace.protocol.record.EncodedRecord;
import io.millrace.protocol.record.InvalidBatchException;
import io.millrace.protocol.record.RecordBatch;
import io.millrace.protocol.record.RecordBatchWriter;
import io.millrace.protocol.record.RecordReader;
import io.millrace.protocol.record.Varints;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes and reads the batches of the delivery log: record batches of format v2 whose records have no key and one control value each.
 *
 * <pre>
 * int16  version         of the control value, 0 or 1
 * varint level           since version 1: the format level at which it was written
 * int8   kind            see DeliveryRecord.Kind
 * varint messageLogEnd   where the message log ended when the batch was written
 * ...                    by kind, numbers as variable-length integers
 * </pre>
 */
public final class DeliveryBatchCodec {
    private static final short VERSION_WITH_LEVEL = 1;

    private static final int NULL_KEY = -1;
    private static final short NO_EPOCH = -1;
    private static final int NO_SEQUENCE = -1;

    private DeliveryBatchCodec() {}

    /** The same at this build's newest level. */
    public static ByteBuf encode(long timestampMs, long messageLogEnd, List<DeliveryRecord> records) {
        return encode(timestampMs, messageLogEnd, records, FormatLevel.newest());
    }

    /** One record batch, base offset and leader epoch still to be assigned. The buffer is the caller's to release. */
    public static ByteBuf encode(
            long timestampMs, long messageLogEnd, List<DeliveryRecord> records, FormatLevel formats) {
        int level = formats.level();
        short version = formats.formats().version(Structure.DELIVERY_RECORD, level);
        List<EncodedRecord> encoded = new ArrayList<>(records.size());
        int bytes = RecordBatch.HEADER_BYTES;
        for (DeliveryRecord deliveryRecord : records) {
            EncodedRecord one = new EncodedRecord(
                    body(encodeValue(version, level, messageLogEnd, deliveryRecord)), timestampMs, -1, 0);
            bytes += one.maxSizeBytes();
            encoded.add(one);
        }
        ByteBuf batch = Unpooled.buffer(bytes);
        RecordBatchWriter.write(batch, RecordBatch.NO_PRODUCER_ID, NO_EPOCH, NO_SEQUENCE, encoded);
        return batch;
    }

    /**
     * Reads one record batch.
     *
     * @throws DeliveryFormatException if it is damaged or written by a newer build
     */
    public static DeliveryBatch decode(RecordBatch batch) {
        List<DeliveryRecord> records = new ArrayList<>(batch.count());
        long messageLogEnd = 0;
        try {
            RecordReader reader = new RecordReader(batch.recordBytes());
            while (reader.next()) {
                ByteBuffer value = reader.value();
                if (value == null) {
                    throw new DeliveryFormatException("a delivery record without a value at " + batch.baseOffset());
                }
                messageLogEnd = readHeader(value, reader.offsetDelta(), records);
            }
        } catch (InvalidBatchException e) {
            throw new DeliveryFormatException("the delivery batch at " + batch.baseOffset() + " is malformed", e);
        }
        return new DeliveryBatch(batch.baseOffset(), batch.maxTimestampMs(), messageLogEnd, records);
    }

    private static long readHeader(ByteBuffer value, int index, List<DeliveryRecord> records) {
        short version = Fields.readShort(value);
        short newest = Formats.ofBuild().newest(Structure.DELIVERY_RECORD);
        if (version < 0 || version > newest) {
            throw new DeliveryFormatException("delivery record " + index + " has version " + version
                    + ", this build reads up to " + newest + ": a newer build wrote it");
        }
        if (version >= VERSION_WITH_LEVEL) {
            int level = Fields.readInt(value);
            if (!Formats.ofBuild().levels().contains(level)) {
                throw new DeliveryFormatException("delivery record " + index + " is of format level " + level
                        + ", this build knows " + Formats.ofBuild().levels());
            }
        }
        byte code = Fields.readByte(value);
        DeliveryRecord.Kind kind = DeliveryRecord.Kind.of(code);
        if (kind == null) {
            throw new DeliveryFormatException("no delivery record has kind " + code);
        }
        long messageLogEnd = Fields.readOffset(value);
        records.add(readValue(kind, value));
        return messageLogEnd;
    }

    private static ByteBuf body(ByteBuf value) {
        ByteBuf body = Unpooled.buffer(value.readableBytes() + 8);
        Varints.write(body, NULL_KEY);
        Varints.write(body, value.readableBytes());
        body.writeBytes(value);
        Varints.write(body, 0);
        return body;
    }

    private static ByteBuf encodeValue(short version, int level, long messageLogEnd, DeliveryRecord deliveryRecord) {
        ByteBuf out = Unpooled.buffer(64);
        out.writeShort(version);
        if (version >= VERSION_WITH_LEVEL) {
            Fields.writeLong(out, level);
        }
        out.writeByte(deliveryRecord.kind().code());
        Fields.writeLong(out, messageLogEnd);
        switch (deliveryRecord.kind()) {
            case OPEN_SUBSCRIPTION -> writeOpen(out, (DeliveryRecord.OpenSubscription) deliveryRecord);
            case CLOSE_SUBSCRIPTION -> {
                DeliveryRecord.CloseSubscription close = (DeliveryRecord.CloseSubscription) deliveryRecord;
                Fields.writeLong(out, close.subscriptionId());
                Fields.writeText(out, close.by());
            }
            case SETTLE -> writeSettle(out, (DeliveryRecord.Settle) deliveryRecord);
            case DISPATCH_MARK -> {
                DeliveryRecord.DispatchMark mark = (DeliveryRecord.DispatchMark) deliveryRecord;
                Fields.writeLong(out, mark.subscriptionId());
                Fields.writeLong(out, mark.mark());
                Fields.writeLong(out, mark.takeBelow());
            }
            case EPOCH -> Fields.writeLong(out, ((DeliveryRecord.Epoch) deliveryRecord).leaderEpoch());
            case STATE -> {
                DeliveryRecord.State state = (DeliveryRecord.State) deliveryRecord;
                Fields.writeLong(out, state.deliveryOffset());
                Fields.writeLong(out, state.messageOffset());
                Fields.writeLong(out, state.index());
                Fields.writeLong(out, state.count());
                Fields.writeLong(out, state.bytes().length);
                out.writeBytes(state.bytes());
            }
            case ATTACH -> writeAttach(out, (DeliveryRecord.Attach) deliveryRecord);
            case DETACH -> {
                DeliveryRecord.Detach detach = (DeliveryRecord.Detach) deliveryRecord;
                Fields.writeLong(out, detach.holder());
                out.writeByte(detach.reason().code());
            }
        }
        return out;
    }

    private static void writeOpen(ByteBuf out, DeliveryRecord.OpenSubscription open) {
        Fields.writeLong(out, open.subscriptionId());
        Fields.writeKey(out, open.key());
        Fields.writeLong(out, open.incarnation());
        Fields.writeText(out, open.selector());
        out.writeBoolean(open.noLocal());
        Fields.writeText(out, open.by());
    }

    private static void writeSettle(ByteBuf out, DeliveryRecord.Settle settle) {
        Fields.writeLong(out, settle.entries().size());
        for (DeliveryRecord.Settle.Entry entry : settle.entries()) {
            Fields.writeLong(out, entry.subscriptionId());
            Fields.writeLong(out, entry.holder());
            out.writeByte(entry.outcome().code());
            out.writeByte(entry.reason().code());
            if (entry.outcome() == Outcome.FAIL) {
                Fields.writeLong(out, entry.deliveries());
            }
            long[] ranges = entry.ranges();
            Fields.writeLong(out, ranges.length / 2);
            long previous = 0;
            for (int i = 0; i < ranges.length; i += 2) {
                Fields.writeLong(out, ranges[i] - previous);
                Fields.writeLong(out, ranges[i + 1] - ranges[i]);
                previous = ranges[i + 1];
            }
        }
    }

    private static void writeAttach(ByteBuf out, DeliveryRecord.Attach attach) {
        Fields.writeLong(out, attach.holder());
        Fields.writeLong(out, attach.subscriptionId());
        Fields.writeUuid(out, attach.connectionId());
        Fields.writeLong(out, attach.consumerId());
        Fields.writeText(out, attach.clientId());
        Fields.writeText(out, attach.user());
        Fields.writeText(out, attach.host());
    }

    private static DeliveryRecord readValue(DeliveryRecord.Kind kind, ByteBuffer in) {
        return switch (kind) {
            case OPEN_SUBSCRIPTION ->
                new DeliveryRecord.OpenSubscription(
                        Fields.readInt(in),
                        Fields.readKey(in),
                        Fields.readLong(in),
                        Fields.readText(in),
                        Fields.readBoolean(in),
                        Fields.readText(in));
            case CLOSE_SUBSCRIPTION -> new DeliveryRecord.CloseSubscription(Fields.readInt(in), Fields.readText(in));
            case SETTLE -> readSettle(in);
            case DISPATCH_MARK ->
                new DeliveryRecord.DispatchMark(Fields.readInt(in), Fields.readOffset(in), Fields.readOffset(in));
            case EPOCH -> new DeliveryRecord.Epoch(Fields.readInt(in));
            case STATE ->
                new DeliveryRecord.State(
                        Fields.readOffset(in),
                        Fields.readOffset(in),
                        Fields.readInt(in),
                        Fields.readInt(in),
                        Fields.readBytes(in, Fields.readInt(in)));
            case ATTACH -> readAttach(in);
            case DETACH -> new DeliveryRecord.Detach(Fields.readInt(in), readReason(in));
        };
    }

    private static DeliveryRecord.Settle readSettle(ByteBuffer in) {
        int count = Fields.readCount(in, 1);
        List<DeliveryRecord.Settle.Entry> entries = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int subscriptionId = Fields.readInt(in);
            int holder = Fields.readInt(in);
            byte code = Fields.readByte(in);
            Outcome outcome = Outcome.of(code);
            if (outcome == null) {
                throw new DeliveryFormatException("no settlement has outcome " + code);
            }
            Reason reason = readReason(in);
            int deliveries = outcome == Outcome.FAIL ? Fields.readInt(in) : 0;
            entries.add(new DeliveryRecord.Settle.Entry(
                    subscriptionId, holder, outcome, reason, deliveries, readRanges(in)));
        }
        return new DeliveryRecord.Settle(entries);
    }

    private static long[] readRanges(ByteBuffer in) {
        int count = Fields.readCount(in, 2);
        if (count == 0) {
            throw new DeliveryFormatException("a settlement of nothing");
        }
        long[] ranges = new long[2 * count];
        long previous = 0;
        for (int i = 0; i < ranges.length; i += 2) {
            ranges[i] = previous + Fields.readLong(in);
            ranges[i + 1] = ranges[i] + Fields.readLong(in);
            previous = ranges[i + 1];
            if (ranges[i] < 0 || ranges[i + 1] < ranges[i]) {
                throw new DeliveryFormatException("a settlement from " + ranges[i] + " to " + ranges[i + 1]);
            }
        }
        return ranges;
    }

    private static DeliveryRecord.Attach readAttach(ByteBuffer in) {
        int holder = Fields.readInt(in);
        int subscriptionId = Fields.readInt(in);
        var connectionId = Fields.readUuid(in);
        int consumerId = Fields.readInt(in);
        String clientId = Fields.readText(in);
        String user = Fields.readText(in);
        String host = Fields.readText(in);
        return new DeliveryRecord.Attach(
                holder, subscriptionId, connectionId, consumerId, clientId, user, host == null ? "" : host);
    }

    private static Reason readReason(ByteBuffer in) {
        byte code = Fields.readByte(in);
        Reason reason = Reason.of(code);
        if (reason == null) {
            throw new DeliveryFormatException("no delivery record has reason " + code);
        }
        return reason;
    }
}
