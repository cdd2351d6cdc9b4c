package io.millrace.simulation.broker;

import io.millrace.protocol.wire.Frames;
import io.millrace.protocol.wire.RequestHeader;
import io.millrace.simulation.check.PlantedBug;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.network.FrameSplitter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponsePartition;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponseTopic;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** What a coordinator of groups with a planted bug says to the members on one connection. */
final class PlantedCoordinator {
    /** What is refused is so by then, and what is committed mostly is not. */
    private static final long APPENDED_NS = 700 * Kernel.MICRO;

    private final PlantedBug bug;
    private final Consumer<byte[]> out;
    private final FrameSplitter answers = new FrameSplitter(this::onAnswer);
    private final Deque<Asked> asked = new ArrayDeque<>();

    /** A request of a Kafka client that is not answered yet. */
    private static final class Asked {
        private final RequestHeader header;
        private final @Nullable OffsetCommitRequestData commit;
        private boolean isAnswered;

        Asked(RequestHeader header, @Nullable OffsetCommitRequestData commit) {
            this.header = header;
            this.commit = commit;
        }
    }

    /** Runs something after a while, if the connection lives. */
    interface Later {
        void after(long delayNs, Runnable action);
    }

    PlantedCoordinator(PlantedBug bug, Consumer<byte[]> out) {
        this.bug = bug;
        this.out = out;
    }

    boolean isConcerned() {
        return bug == PlantedBug.COMMIT_AT_APPEND || bug == PlantedBug.COMMIT_DEPOSED;
    }

    /** A request of somebody's, before the broker gets it. */
    void onRequest(byte[] frame, Later later) {
        ByteBuf in = Unpooled.wrappedBuffer(frame);
        RequestHeader header = Frames.readRequestHeader(in);
        if (header == null) {
            return;
        }
        boolean isCommit = header.apiKey() == new OffsetCommitRequestData().apiKey();
        OffsetCommitRequestData commit = isCommit ? (OffsetCommitRequestData) Frames.readRequest(header, in) : null;
        Asked one = new Asked(header, commit);
        asked.add(one);
        if (isCommit && bug == PlantedBug.COMMIT_AT_APPEND) {
            later.after(APPENDED_NS, () -> answerAsAppended(one));
        }
    }

    private void answerAsAppended(Asked one) {
        if (asked.peek() == one && !one.isAnswered && one.commit != null) {
            one.isAnswered = true;
            out.accept(answer(one, one.commit));
        }
    }

    /** Bytes of the broker's. */
    void onAnswers(byte[] bytes) {
        answers.onBytes(bytes);
    }

    private void onAnswer(byte[] frame) {
        int number = Frames.peekCorrelationId(Unpooled.wrappedBuffer(frame));
        Asked one = asked.stream()
                .filter(each -> each.header.correlationId() == number)
                .findFirst()
                .orElse(null);
        if (one != null) {
            asked.remove(one);
            if (one.isAnswered) {
                return;
            }
            if (one.commit != null && bug == PlantedBug.COMMIT_DEPOSED && isOfDeposed(one, frame)) {
                out.accept(answer(one, one.commit));
                return;
            }
        }
        ByteBuf whole = Unpooled.buffer(frame.length + Frames.LENGTH_BYTES);
        whole.writeInt(frame.length).writeBytes(frame);
        out.accept(bytes(whole));
    }

    private static boolean isOfDeposed(Asked one, byte[] frame) {
        OffsetCommitResponseData answer = new OffsetCommitResponseData();
        Frames.readResponse(one.header.apiVersion(), Unpooled.wrappedBuffer(frame), answer, new ArrayList<>());
        return answer.topics().stream()
                .flatMap(topic -> topic.partitions().stream())
                .anyMatch(partition -> partition.errorCode() == Errors.NOT_COORDINATOR.code());
    }

    /** That all is committed. */
    private static byte[] answer(Asked one, OffsetCommitRequestData commit) {
        OffsetCommitResponseData answer = new OffsetCommitResponseData();
        for (OffsetCommitRequestTopic topic : commit.topics()) {
            List<OffsetCommitResponsePartition> partitions = topic.partitions().stream()
                    .map(partition -> new OffsetCommitResponsePartition().setPartitionIndex(partition.partitionIndex()))
                    .toList();
            answer.topics()
                    .add(new OffsetCommitResponseTopic().setName(topic.name()).setPartitions(partitions));
        }
        ByteBuf whole = Unpooled.buffer();
        for (Object piece : Frames.response(
                UnpooledByteBufAllocator.DEFAULT, one.header.apiVersion(), one.header.correlationId(), answer)) {
            whole.writeBytes((ByteBuf) piece);
        }
        return bytes(whole);
    }

    private static byte[] bytes(ByteBuf buffer) {
        byte[] bytes = new byte[buffer.readableBytes()];
        buffer.readBytes(bytes);
        return bytes;
    }
}
