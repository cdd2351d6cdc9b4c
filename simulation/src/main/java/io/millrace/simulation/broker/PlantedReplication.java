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
import java.util.Set;
import java.util.TreeSet;

/** What a follower with a planted bug says to its leader, and understands of the answers; of one connection. */
final class PlantedReplication {
    private static final int NO_DIVERGENCE = -2;
    private static final int NO_EPOCH = -1;
    private static final short VERSION = 0;

    private final PlantedBug bug;
    /** Replicas that begin to follow. */
    private final Set<String> beginning = new TreeSet<>();

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
                beginning.add(name(replica.topicId(), replica.index(), replica.leaderEpoch()));
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
            String name = name(replica.topicId(), replica.index(), replica.leaderEpoch());
            if (replica.errorCode() == 0 && beginning.remove(name) && cut.add(name)) {
                ReplicaFetchResponseData.LogPart messages = replica.messages();
                messages.setBatches(null).setDivergingEpoch(NO_EPOCH).setDivergingEnd(messages.highWatermark());
            } else if (cut.contains(name) && replica.messages().divergingEpoch() != NO_DIVERGENCE) {
                replica.messages().setDivergingEpoch(NO_DIVERGENCE);
            }
        }
        ByteBuf whole = Unpooled.buffer();
        for (Object piece : Frames.response(UnpooledByteBufAllocator.DEFAULT, VERSION, correlationId, answer)) {
            whole.writeBytes((ByteBuf) piece);
        }
        whole.skipBytes(Frames.LENGTH_BYTES);
        return bytes(whole);
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
