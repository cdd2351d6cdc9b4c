package io.millrace.simulation.broker;

import io.millrace.protocol.message.ReplicaFetchRequestData;
import io.millrace.protocol.message.ReplicaFetchResponseData;
import io.millrace.protocol.wire.Frames;
import io.millrace.protocol.wire.RequestHeader;
import io.millrace.simulation.check.PlantedBug;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What followers with a planted bug say to their leaders, and understand of the answers; of one life of a broker. */
final class PlantedReplication {
    private static final int NO_DIVERGENCE = -2;
    private static final int NO_EPOCH = -1;
    private static final short VERSION = 0;

    private final PlantedBug bug;
    /** Where the message logs end of replicas that begin to follow. */
    private final Map<String, Long> beginning = new TreeMap<>();
    /** What leaders have said to be committed of the message logs. */
    private final Map<String, Long> committed = new TreeMap<>();

    private final Set<String> cut = new TreeSet<>();

    PlantedReplication(PlantedBug bug) {
        this.bug = bug;
    }

    /** A request of the follower's, with its length. */
    byte[] request(byte[] frame) {
        ByteBuf in = Unpooled.wrappedBuffer(frame);
        boolean isConcerned = bug == PlantedBug.REPORT_LOG_END || bug == PlantedBug.TRUNCATE_BY_HIGH_WATERMARK;
        if (!isConcerned || in.getShort(Frames.LENGTH_BYTES) != new ReplicaFetchRequestData().apiKey()) {
            return frame;
        }
        in.skipBytes(Frames.LENGTH_BYTES);
        RequestHeader header = Frames.readRequestHeader(in);
        if (header == null) {
            return frame;
        }
        ReplicaFetchRequestData request = (ReplicaFetchRequestData) Frames.readRequest(header, in);
        for (ReplicaFetchRequestData.Replica replica : request.partitions()) {
            if (bug == PlantedBug.REPORT_LOG_END) {
                replica.setMessageDisk(replica.messageEnd()).setDeliveryDisk(replica.deliveryEnd());
            } else if (replica.anew()) {
                beginning.put(name(replica.topicId(), replica.index(), replica.leaderEpoch()), replica.messageEnd());
            }
        }
        return bytes(Frames.request(UnpooledByteBufAllocator.DEFAULT, header, request));
    }

    /** An answer of the leader's, without its length. */
    byte[] answer(byte[] frame) {
        ByteBuf in = Unpooled.wrappedBuffer(frame);
        if (bug != PlantedBug.TRUNCATE_BY_HIGH_WATERMARK || Frames.peekCorrelationId(in) >= 0) {
            return frame;
        }
        int correlationId = Frames.peekCorrelationId(in);
        ReplicaFetchResponseData answer = new ReplicaFetchResponseData();
        Frames.readResponse(VERSION, in, answer, new ArrayList<>());
        for (ReplicaFetchResponseData.Replica replica : answer.partitions()) {
            if (replica.errorCode() == 0) {
                cutToCommitted(replica);
            }
        }
        ByteBuf whole = Unpooled.buffer();
        for (Object piece : Frames.response(UnpooledByteBufAllocator.DEFAULT, VERSION, correlationId, answer)) {
            whole.writeBytes((ByteBuf) piece);
        }
        whole.skipBytes(Frames.LENGTH_BYTES);
        return bytes(whole);
    }

    /** The first answer in an epoch is taken for one that says to cut, if there is something to be cut. */
    private void cutToCommitted(ReplicaFetchResponseData.Replica replica) {
        String log = replica.topicId() + "-" + replica.index();
        String name = name(replica.topicId(), replica.index(), replica.leaderEpoch());
        ReplicaFetchResponseData.LogPart messages = replica.messages();
        Long end = beginning.remove(name);
        Long known = committed.get(log);
        if (end != null && known != null && known < end && cut.add(name)) {
            messages.setBatches(null).setDivergingEpoch(NO_EPOCH).setDivergingEnd(known);
        } else if (messages.divergingEpoch() == NO_DIVERGENCE) {
            committed.put(log, Math.max(messages.highWatermark(), known == null ? 0 : known));
        }
    }

    private static String name(Object topicId, int index, int leaderEpoch) {
        return topicId + "-" + index + "@" + leaderEpoch;
    }

    private static byte[] bytes(ByteBuf frame) {
        byte[] bytes = new byte[frame.readableBytes()];
        frame.readBytes(bytes);
        frame.release();
        return bytes;
    }
}
