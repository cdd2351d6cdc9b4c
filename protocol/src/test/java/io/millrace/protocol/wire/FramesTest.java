package io.millrace.protocol.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.protocol.message.ApiMessageType;
import io.millrace.protocol.message.DeliverResponseData;
import io.millrace.protocol.message.HelloRequestData;
import io.millrace.protocol.message.PeerHelloRequestData;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.api.Test;

class FramesTest {
    private static final UnpooledByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;

    @Test
    void carriesEveryPrivateMessageBothWays() {
        for (ApiMessageType type : ApiMessageType.values()) {
            for (short version = type.lowestSupportedVersion();
                    version <= type.highestSupportedVersion(true);
                    version++) {
                RequestHeader header = new RequestHeader(type.apiKey(), version, 17, "someone");
                ByteBuf frame = Frames.request(ALLOCATOR, header, type.newRequest());
                assertThat(frame.readInt()).isEqualTo(frame.readableBytes());
                RequestHeader read = Frames.readRequestHeader(frame);
                assertThat(read).isEqualTo(header);
                assertThat(Frames.readRequest(read, frame)).isEqualTo(type.newRequest());

                ByteBuf answer = (ByteBuf) Frames.response(ALLOCATOR, version, 18, type.newResponse())
                        .get(0);
                assertThat(answer.readInt()).isEqualTo(answer.readableBytes());
                assertThat(Frames.peekCorrelationId(answer)).isEqualTo(18);
                ApiMessage response = type.newResponse();
                Frames.readResponse(version, answer, response);
                assertThat(response).isEqualTo(type.newResponse());
            }
        }
    }

    @Test
    void refusesATruncatedFrameAtEveryLength() {
        refusesTruncated(new HelloRequestData().setUser("u"));
        refusesTruncated(new PeerHelloRequestData().setClusterId("cluster").setSecret("secret"));
    }

    private static void refusesTruncated(ApiMessage request) {
        RequestHeader whole = new RequestHeader(request.apiKey(), (short) 0, 1, "someone");
        ByteBuf frame = Frames.request(ALLOCATOR, whole, request);
        frame.skipBytes(Frames.LENGTH_BYTES);
        for (int length = 0; length < frame.readableBytes(); length++) {
            ByteBuf cut = frame.slice(frame.readerIndex(), length);
            assertThatThrownBy(() -> {
                        RequestHeader header = Frames.readRequestHeader(cut);
                        Frames.readRequest(header, cut);
                    })
                    .as("%d bytes", length)
                    .isInstanceOf(MalformedFrameException.class);
        }
    }

    @Test
    void answersGarbageWithMalformedFrameOnly() {
        Random random = new Random(3);
        for (int i = 0; i < 100_000; i++) {
            byte[] bytes = new byte[8 + random.nextInt(120)];
            random.nextBytes(bytes);
            ByteBuf in = Unpooled.wrappedBuffer(bytes);
            int privateKey = random.nextInt(10) == 0 ? 20100 : 20000 + random.nextInt(15);
            in.setShort(0, random.nextBoolean() ? privateKey : random.nextInt(93));
            in.setShort(2, random.nextInt(5));
            try {
                RequestHeader header = Frames.readRequestHeader(in);
                if (header != null) {
                    Frames.readRequest(header, in);
                }
            } catch (MalformedFrameException e) {
                assertThat(e).hasMessageMatching("(?s).+");
            }
        }
    }

    @Test
    void readsTheHeaderOfAnApiVersionsRequestFromTheFuture() {
        ByteBuf in = Unpooled.buffer();
        in.writeShort(18).writeShort(99).writeInt(5).writeBytes(new byte[20]);
        assertThat(Frames.readRequestHeader(in)).isEqualTo(new RequestHeader((short) 18, (short) 99, 5, null));
        assertThat(new ApiVersionsRequestData().apiKey()).isEqualTo((short) 18);
    }

    @Test
    void leavesRecordsInTheirFile() {
        Object file = new Object();
        FetchResponseData body = new FetchResponseData();
        FetchResponseData.PartitionData partition = new FetchResponseData.PartitionData()
                .setPartitionIndex(0)
                .setHighWatermark(5)
                .setRecords(new SlicedRecords(file, 1000));
        body.responses()
                .add(new FetchResponseData.FetchableTopicResponse()
                        .setTopic("t")
                        .setPartitions(List.of(partition)));
        List<Object> parts = Frames.response(ALLOCATOR, (short) 11, 1, body);
        assertThat(parts).hasSize(2).element(1).isSameAs(file);
        ByteBuf first = (ByteBuf) parts.get(0);
        assertThat(first.readInt()).isEqualTo(first.readableBytes() + 1000);
    }

    @Test
    void copiesDeliveredMessages() {
        DeliverResponseData body = new DeliverResponseData();
        body.deliveries()
                .add(new DeliverResponseData.ConsumerDeliveries()
                        .setConsumerId(3)
                        .setMessages(ByteBuffer.wrap(new byte[] {1, 2, 3})));
        ByteBuf frame = (ByteBuf) Frames.response(ALLOCATOR, (short) 0, 1, body).get(0);
        frame.skipBytes(Frames.LENGTH_BYTES);
        DeliverResponseData read = new DeliverResponseData();
        Frames.readResponse((short) 0, frame, read);
        assertThat(read.deliveries().get(0).messages()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    }

    @Test
    void notesWhereTheRecordsOfAResponseLie() {
        FetchResponseData body = new FetchResponseData();
        body.responses()
                .add(new FetchResponseData.FetchableTopicResponse()
                        .setTopic("t")
                        .setPartitions(List.of(new FetchResponseData.PartitionData()
                                .setRecords(MemoryRecords.readableRecords(ByteBuffer.wrap(new byte[] {1, 2, 3}))))));
        ByteBuf frame =
                (ByteBuf) Frames.response(ALLOCATOR, (short) 11, 1, body).get(0);
        frame.skipBytes(Frames.LENGTH_BYTES);
        List<ByteBuf> records = new ArrayList<>();
        Frames.readResponse((short) 11, frame, new FetchResponseData(), records);
        assertThat(records).containsExactly(Unpooled.wrappedBuffer(new byte[] {1, 2, 3}));
    }
}
