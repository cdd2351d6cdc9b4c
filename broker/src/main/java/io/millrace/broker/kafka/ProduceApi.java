package io.millrace.broker.kafka;

import io.millrace.broker.metadata.Destination;
import io.millrace.broker.metadata.InternalTopics;
import io.millrace.broker.partition.Append;
import io.millrace.broker.partition.AppendResult;
import io.millrace.broker.partition.Reply;
import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.ConnectionSession;
import io.millrace.broker.session.HostedPartition;
import io.millrace.broker.session.Join;
import io.millrace.broker.session.Request;
import io.millrace.protocol.ErrorCode;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponse;
import org.jspecify.annotations.Nullable;

/**
 * Serves Produce: appends each partition's batches from where they lie in the frame, and answers when all are appended (acks=1) or on disk
 * (acks=all). With acks=0 nobody is answered, and an error closes the connection, which is all that such a producer can be told.
 *
 * <p>Versions 0 to 2 are advertised and refused: librdkafka 2.0 sends gzip, snappy and lz4 uncompressed to a broker that does not
 * name them.
 */
final class ProduceApi implements ApiHandler {
    private static final short FIRST_SERVED = 3;
    private static final short ACKS_ALL = -1;
    private static final short ACKS_LEADER = 1;
    private static final short ACKS_NONE = 0;

    @Override
    public void onRequest(Request request, long nowMs) {
        if (request.version() < FIRST_SERVED) {
            request.session()
                    .refuse(
                            "unsupported version",
                            "Produce in version " + request.version()
                                    + "; record batches of format v2 come with version " + FIRST_SERVED);
            return;
        }
        List<ByteBuf> records = new ArrayList<>();
        ProduceRequestData message = (ProduceRequestData) request.message(records);
        new Production(request, message, new ArrayDeque<>(records)).run(nowMs);
    }

    /** One request on its way. Owned by the connection's lane. */
    private static final class Production {
        private final Request request;
        private final ConnectionSession session;
        private final ProduceRequestData message;
        private final ArrayDeque<ByteBuf> records;
        private final Topics topics;
        private final ProduceResponseData response = new ProduceResponseData();
        private final Join join = new Join(this::answer);
        private boolean failed;

        Production(Request request, ProduceRequestData message, ArrayDeque<ByteBuf> records) {
            this.request = request;
            this.session = request.session();
            this.message = message;
            this.records = records;
            this.topics = new Topics(request);
        }

        void run(long nowMs) {
            for (TopicProduceData topic : message.topicData()) {
                TopicProduceResponse topicResponse =
                        new TopicProduceResponse().setName(topic.name()).setTopicId(topic.topicId());
                response.responses().mustAdd(topicResponse);
                for (PartitionProduceData partition : topic.partitionData()) {
                    PartitionProduceResponse partitionResponse = new PartitionProduceResponse()
                            .setIndex(partition.index())
                            .setBaseOffset(-1);
                    topicResponse.partitionResponses().add(partitionResponse);
                    @Nullable ByteBuf batches = partition.records() == null ? null : records.remove();
                    append(topic, batches, partitionResponse, nowMs);
                }
            }
            join.allBegun();
            if (message.acks() == ACKS_NONE) {
                request.answerNothing();
            }
        }

        private void append(
                TopicProduceData topic, @Nullable ByteBuf batches, PartitionProduceResponse out, long nowMs) {
            if (message.acks() != ACKS_ALL && message.acks() != ACKS_LEADER && message.acks() != ACKS_NONE) {
                fail(out, ErrorCode.INVALID_REQUIRED_ACKS, "acks=" + message.acks() + "; 0, 1 and -1 (all) are taken");
                return;
            }
            if (message.transactionalId() != null) {
                fail(
                        out,
                        ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
                        "transactions of Kafka clients are not supported yet");
                return;
            }
            Destination destination = topics.find(topic.name(), topic.topicId());
            HostedPartition hosted = topics.partition(destination, out.index());
            if (hosted == null) {
                fail(out, Topics.absence(destination, topic.topicId(), out.index()), "the partition is not here");
                return;
            }
            if (InternalTopics.isInternal(hosted.partition().id().topicName())) {
                fail(out, ErrorCode.INVALID_TOPIC_EXCEPTION, "the topic is the brokers' own");
                return;
            }
            if (batches == null || !batches.isReadable()) {
                fail(out, ErrorCode.INVALID_RECORD, "no record batch was sent for the partition");
                return;
            }
            join.begin();
            Append append = new Append(batches.retain(), message.acks() == ACKS_ALL, Append.Source.PRODUCE);
            Reply<AppendResult> reply = session.onLane(new AppendReply(out));
            session.call(hosted, partition -> partition.onAppend(append, reply, nowMs));
        }

        private void fail(PartitionProduceResponse out, ErrorCode error, String reason) {
            failed = true;
            out.setErrorCode(KafkaErrors.code(error)).setErrorMessage(reason);
        }

        private void answer() {
            if (message.acks() != ACKS_NONE) {
                request.answer(response);
            } else if (failed && !session.isClosed()) {
                session.refuse("failed produce with acks=0", firstFailure());
            }
        }

        private String firstFailure() {
            for (TopicProduceResponse topic : response.responses()) {
                for (PartitionProduceResponse partition : topic.partitionResponses()) {
                    if (partition.errorCode() != ErrorCode.NONE.code()) {
                        return "topic '" + topic.name() + "' partition " + partition.index() + ": "
                                + ErrorCode.of(partition.errorCode()) + ": " + partition.errorMessage();
                    }
                }
            }
            return "";
        }

        /** Writes what became of one partition's batches into the answer. */
        private final class AppendReply implements Reply<AppendResult> {
            private final PartitionProduceResponse out;

            AppendReply(PartitionProduceResponse out) {
                this.out = out;
            }

            @Override
            public void complete(AppendResult result) {
                out.setBaseOffset(result.baseOffset())
                        .setLogAppendTimeMs(result.appendTimeMs())
                        .setLogStartOffset(result.logStartOffset());
                join.end();
            }

            @Override
            public void fail(ErrorCode error, String reason) {
                Production.this.fail(out, error, reason);
                join.end();
            }
        }
    }
}
