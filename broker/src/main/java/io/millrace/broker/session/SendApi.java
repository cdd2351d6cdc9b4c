package io.millrace.broker.session;

import io.millrace.broker.metadata.Destination;
import io.millrace.broker.metadata.InternalTopics;
import io.millrace.broker.partition.Append;
import io.millrace.broker.partition.AppendResult;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.SendResponseData;
import io.millrace.protocol.wire.MalformedFrameException;
import io.netty.buffer.ByteBuf;
import java.util.UUID;

/**
 * Serves Send. The request is read by hand, so that the batch stays where it is in the frame: the partition stamps it there, and the log
 * and the journal write it from there.
 */
final class SendApi implements ApiHandler {
    private static final int FIXED_BYTES = 2 * Long.BYTES + Integer.BYTES + 1;

    @Override
    public void onRequest(Request request, long nowMs) {
        ByteBuf in = request.bytes();
        if (in.readableBytes() < FIXED_BYTES) {
            throw new MalformedFrameException("a SendRequest of " + in.readableBytes() + " bytes");
        }
        UUID topicId = new UUID(in.readLong(), in.readLong());
        int index = in.readInt();
        boolean durable = in.readByte() != 0;
        ByteBuf records = readRecords(in);

        ConnectionSession session = request.session();
        HostedPartition hosted = session.services().partitions().find(topicId, index);
        if (hosted == null) {
            throw unknownPartition(session, topicId, index);
        }
        refuseInternal(hosted);
        Append append = new Append(records.retain(), durable, Append.Source.SEND);
        Reply<AppendResult> reply = session.onLane(new SendReply(request));
        session.call(hosted, partition -> partition.onAppend(append, reply, nowMs));
    }

    private static ByteBuf readRecords(ByteBuf in) {
        int lengthPlusOne = readUnsignedVarint(in);
        int length = lengthPlusOne - 1;
        if (length < 0 || length >= in.readableBytes()) {
            throw new MalformedFrameException(
                    "a SendRequest with records of " + length + " bytes and " + in.readableBytes() + " bytes left");
        }
        ByteBuf records = in.readSlice(length);
        if (in.readableBytes() != 1 || in.readByte() != 0) {
            throw new MalformedFrameException("a SendRequest with something behind its records");
        }
        return records;
    }

    private static int readUnsignedVarint(ByteBuf in) {
        int value = 0;
        for (int shift = 0; shift <= 28 && in.isReadable(); shift += 7) {
            int b = in.readByte();
            value |= (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new MalformedFrameException("a SendRequest that ends within the length of its records");
    }

    /** What brokers keep for themselves is no destination. */
    static void refuseInternal(HostedPartition hosted) {
        String topic = hosted.partition().id().topicName();
        if (InternalTopics.isInternal(topic)) {
            throw new InvalidRequestException(ErrorCode.INVALID_DESTINATION, topic + " is the brokers' own");
        }
    }

    static InvalidRequestException unknownPartition(ConnectionSession session, UUID topicId, int index) {
        Destination known =
                session.services().registries().destinations().image().findByTopicId(topicId);
        if (known == null) {
            return new InvalidRequestException(ErrorCode.UNKNOWN_TOPIC_ID, "no topic has the id " + topicId);
        }
        return index >= 0 && index < known.partitions().size()
                ? new InvalidRequestException(
                        ErrorCode.NOT_LEADER_OR_FOLLOWER,
                        "partition " + index + " of " + known.name() + " is not on this broker")
                : new InvalidRequestException(
                        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, known.name() + " has no partition " + index);
    }

    /** Answers a Send. */
    private static final class SendReply implements Reply<AppendResult> {
        private final Request request;

        SendReply(Request request) {
            this.request = request;
        }

        @Override
        public void complete(AppendResult result) {
            request.answer(
                    new SendResponseData().setBaseOffset(result.baseOffset()).setAppendTimeMs(result.appendTimeMs()));
        }

        @Override
        public void fail(ErrorCode error, String message) {
            PrivateErrors.answer(request, error, message);
        }
    }
}
