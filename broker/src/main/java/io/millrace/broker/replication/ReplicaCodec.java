package io.millrace.broker.replication;

import io.millrace.broker.partition.LogData;
import io.millrace.broker.partition.LogPosition;
import io.millrace.broker.partition.ReplicaData;
import io.millrace.broker.partition.ReplicaPosition;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ReplicaFetchRequestData;
import io.millrace.protocol.message.ReplicaFetchResponseData;
import io.millrace.protocol.wire.MalformedFrameException;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.apache.kafka.common.Uuid;

/** Between what partitions say and the messages that carry it. */
final class ReplicaCodec {
    private static final int NO_DIVERGENCE = -2;

    private ReplicaCodec() {}

    static ReplicaKey key(Uuid topicId, int index) {
        return new ReplicaKey(new UUID(topicId.getMostSignificantBits(), topicId.getLeastSignificantBits()), index);
    }

    static Uuid topicId(ReplicaKey key) {
        return new Uuid(key.topicId().getMostSignificantBits(), key.topicId().getLeastSignificantBits());
    }

    static ReplicaFetchRequestData.Replica encode(ReplicaKey key, ReplicaPosition position) {
        return new ReplicaFetchRequestData.Replica()
                .setTopicId(topicId(key))
                .setIndex(key.index())
                .setLeaderEpoch(position.leaderEpoch())
                .setAnew(position.anew())
                .setMessageEnd(position.messages().endOffset())
                .setMessageEpoch(position.messages().lastEpoch())
                .setMessageDisk(position.messages().diskOffset())
                .setDeliveryEnd(position.deliveries().endOffset())
                .setDeliveryEpoch(position.deliveries().lastEpoch())
                .setDeliveryDisk(position.deliveries().diskOffset());
    }

    /**
     * @throws MalformedFrameException if no log can stand there
     */
    static ReplicaPosition decode(ReplicaFetchRequestData.Replica replica) {
        try {
            return new ReplicaPosition(
                    replica.leaderEpoch(),
                    replica.anew(),
                    new LogPosition(replica.messageEnd(), replica.messageEpoch(), replica.messageDisk()),
                    new LogPosition(replica.deliveryEnd(), replica.deliveryEpoch(), replica.deliveryDisk()));
        } catch (IllegalArgumentException e) {
            throw new MalformedFrameException("a ReplicaFetchRequest with " + e.getMessage());
        }
    }

    static ReplicaFetchResponseData.Replica encode(ReplicaKey key, ReplicaData data) {
        return new ReplicaFetchResponseData.Replica()
                .setTopicId(topicId(key))
                .setIndex(key.index())
                .setLeaderEpoch(data.leaderEpoch())
                .setMessages(encode(data.messages()))
                .setDeliveries(encode(data.deliveries()));
    }

    static ReplicaFetchResponseData.Replica refusal(ReplicaKey key, ErrorCode error) {
        return new ReplicaFetchResponseData.Replica()
                .setTopicId(topicId(key))
                .setIndex(key.index())
                .setErrorCode(error.code());
    }

    private static ReplicaFetchResponseData.LogPart encode(LogData data) {
        ReplicaFetchResponseData.LogPart part = new ReplicaFetchResponseData.LogPart()
                .setLogStart(data.logStartOffset())
                .setHighWatermark(data.highWatermark())
                .setFrom(data.fromOffset())
                .setBatches(data.batches());
        LogData.Divergence divergence = data.divergence();
        if (divergence != null) {
            part.setDivergingEpoch(divergence.epoch()).setDivergingEnd(divergence.endOffset());
        }
        return part;
    }

    /** What was received, with bytes of its own. */
    static ReplicaData decode(ReplicaFetchResponseData.Replica replica) {
        return new ReplicaData(replica.leaderEpoch(), decode(replica.messages()), decode(replica.deliveries()));
    }

    private static LogData decode(ReplicaFetchResponseData.LogPart part) {
        ByteBuffer batches = part.batches();
        LogData.Divergence divergence = part.divergingEpoch() == NO_DIVERGENCE
                ? null
                : new LogData.Divergence(part.divergingEpoch(), part.divergingEnd());
        return new LogData(
                part.logStart(), part.highWatermark(), part.from(), batches == null ? null : copy(batches), divergence);
    }

    private static ByteBuffer copy(ByteBuffer bytes) {
        ByteBuffer own = ByteBuffer.allocate(bytes.remaining());
        own.put(bytes.duplicate());
        return own.flip();
    }
}
