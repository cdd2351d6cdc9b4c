package io.millrace.jms.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.DeliveredMessages;
import io.millrace.protocol.DestinationName;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.SubscriptionKind;
import io.millrace.protocol.message.AttachRequestData;
import io.millrace.protocol.message.AttachResponseData;
import io.millrace.protocol.message.DeliverResponseData;
import io.millrace.protocol.message.HelloRequestData;
import io.millrace.protocol.message.HelloResponseData;
import io.millrace.protocol.message.ResolveDestinationRequestData;
import io.millrace.protocol.message.ResolveDestinationResponseData;
import io.millrace.protocol.message.SendRequestData;
import io.millrace.protocol.message.SendResponseData;
import io.millrace.protocol.record.EncodedRecord;
import io.millrace.protocol.record.RecordBatch;
import io.millrace.protocol.wire.Frames;
import io.millrace.protocol.wire.RequestHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiMessage;

/** An engine whose brokers are played by the test: what it sends is read here, what it hears is said here. */
final class EngineFixture implements Outbox {
    /** What Hello is answered with. */
    short producerEpoch = 3;

    static final Uuid TOPIC = new Uuid(7, 7);
    static final int BROKER = 1;
    static final int MAX_MESSAGE_BYTES = 100_000;

    final ConnectionEngine engine;
    final List<Integer> connecting = new ArrayList<>();
    final List<Integer> disconnected = new ArrayList<>();
    final ArrayDeque<Request> requests = new ArrayDeque<>();
    final List<EngineException> losses = new ArrayList<>();
    long nowMs = 1_000;
    long deadlineMs;
    int channel;

    /** A request of the engine. */
    record Request(int channel, RequestHeader header, ApiMessage message) {}

    /** A reply that is kept. */
    static final class Kept<T> implements Reply<T> {
        T value;
        EngineException failure;

        @Override
        public void complete(T answer) {
            assertThat(isAnswered()).as("answered twice").isFalse();
            value = answer;
        }

        @Override
        public void fail(EngineException cause) {
            assertThat(isAnswered()).as("answered twice").isFalse();
            failure = cause;
        }

        boolean isAnswered() {
            return value != null || failure != null;
        }
    }

    /** A message that is kept. */
    static final class KeptSend extends PendingSend {
        boolean isSent;
        EngineException failure;

        KeptSend(Destination destination, boolean durable, String text) {
            super(destination, 0, durable, encoded(text));
        }

        @Override
        protected void onSent() {
            assertThat(isSent || failure != null).as("answered twice").isFalse();
            isSent = true;
        }

        @Override
        protected void onFailed(EngineException cause) {
            assertThat(isSent || failure != null).as("answered twice").isFalse();
            failure = cause;
        }
    }

    /** A consumer that is kept. */
    static final class KeptSink implements DeliverySink {
        final List<Delivery> deliveries = new ArrayList<>();
        final List<String> events = new ArrayList<>();
        EngineException ended;

        @Override
        public void onDelivery(Delivery delivery) {
            deliveries.add(delivery);
        }

        @Override
        public void onDeliveriesEnd() {
            events.add("deliveries");
        }

        @Override
        public void onSuspended() {
            events.add("suspended");
        }

        @Override
        public void onResumed() {
            events.add("resumed");
        }

        @Override
        public void onLost(PartitionAttachment source, long first, long last) {
            events.add("lost " + first + "-" + last);
        }

        @Override
        public void onDrained() {
            events.add("drained");
        }

        @Override
        public void onEnded(EngineException cause) {
            ended = cause;
        }

        List<Long> offsets() {
            return deliveries.stream().map(Delivery::offset).toList();
        }
    }

    EngineFixture(String... addresses) {
        List<BrokerAddress> brokers = new ArrayList<>();
        for (String address : addresses.length == 0 ? new String[] {"a:1"} : addresses) {
            String[] parts = address.split(":", -1);
            brokers.add(new BrokerAddress(parts[0], Integer.parseInt(parts[1])));
        }
        EngineConfig config = new EngineConfig(
                new EngineConfig.Identity(new UUID(1, 2), null, "me", "secret", "1"),
                brokers,
                new EngineConfig.Timeouts(10_000, 30_000, 300_000, 20, 500),
                true,
                64 * 1024);
        engine = new ConnectionEngine(config, this, new UnpooledByteBufAllocator(false));
    }

    // ---- what the engine does

    @Override
    public void connect(int newChannel, BrokerAddress address) {
        connecting.add(newChannel);
    }

    @Override
    public void write(int onChannel, ByteBuf frame) {
        frame.skipBytes(Frames.LENGTH_BYTES);
        RequestHeader header = Frames.readRequestHeader(frame);
        // The frame is not released, so that views in the message stay good.
        requests.add(new Request(onChannel, header, Frames.readRequest(header, frame)));
    }

    @Override
    public void disconnect(int closed) {
        disconnected.add(closed);
    }

    @Override
    public void lost(EngineException cause) {
        losses.add(cause);
    }

    // ---- the test speaks

    void turn() {
        deadlineMs = engine.endOfTurn(nowMs);
    }

    /** Time passes, and the engine is called whenever it asked for it. */
    void advance(long ms) {
        long endMs = nowMs + ms;
        turn();
        while (deadlineMs <= endMs) {
            nowMs = Math.max(nowMs, deadlineMs);
            engine.onTick(nowMs);
            turn();
        }
        nowMs = endMs;
    }

    /** The newest channel is connected. */
    void connected() {
        channel = connecting.remove(connecting.size() - 1);
        engine.onConnected(channel, nowMs);
        turn();
    }

    /** The newest channel can not be connected. */
    void refused() {
        int failed = connecting.remove(connecting.size() - 1);
        engine.onDisconnected(failed, "connection refused", nowMs);
        turn();
    }

    /** The channel in use breaks. */
    void broken() {
        requests.clear();
        engine.onDisconnected(channel, "broken", nowMs);
        turn();
    }

    <T extends ApiMessage> T next(Class<T> type) {
        return type.cast(nextRequest(type).message());
    }

    Request nextRequest(Class<? extends ApiMessage> type) {
        assertThat(requests).as("requests of the engine").isNotEmpty();
        Request request = requests.remove();
        assertThat(request.message()).isInstanceOf(type);
        return request;
    }

    void answer(Request request, ApiMessage response) {
        frame(request.channel(), request.header().correlationId(), response);
    }

    private void frame(int onChannel, int correlationId, ApiMessage response) {
        ByteBuf frame =
                (ByteBuf) Frames.response(new UnpooledByteBufAllocator(false), (short) 0, correlationId, response)
                        .get(0);
        frame.skipBytes(Frames.LENGTH_BYTES);
        engine.onFrame(onChannel, frame, nowMs);
        frame.release();
        turn();
    }

    /** Answers Hello. */
    HelloRequestData welcome() {
        Request hello = nextRequest(HelloRequestData.class);
        answer(
                hello,
                new HelloResponseData()
                        .setClusterId("c")
                        .setBrokerId(BROKER)
                        .setBrokerVersion("1")
                        .setProducerId(42)
                        .setProducerEpoch(producerEpoch)
                        .setMaxFrameBytes(1 << 20)
                        .setIdleTimeoutMs(0)
                        .setReattachGraceMs(2_000));
        return (HelloRequestData) hello.message();
    }

    void open() {
        Kept<Done> reply = new Kept<>();
        engine.open(reply, nowMs);
        connected();
        welcome();
        assertThat(reply.value).isEqualTo(Done.DONE);
    }

    /** The channel breaks and a new one is made. */
    void reconnect() {
        broken();
        connected();
        welcome();
    }

    Destination resolve() {
        Kept<Destination> reply = new Kept<>();
        engine.resolve(DestinationName.queue("q"), reply, nowMs);
        turn();
        answerResolve();
        return reply.value;
    }

    void answerResolve() {
        answer(nextRequest(ResolveDestinationRequestData.class), resolved(TOPIC, BROKER));
    }

    static ResolveDestinationResponseData resolved(Uuid topicId, int leaderId) {
        return new ResolveDestinationResponseData()
                .setTopicId(topicId)
                .setTopicName("queue.q")
                .setMaxMessageBytes(MAX_MESSAGE_BYTES)
                .setPartitions(List.of(new ResolveDestinationResponseData.PartitionLeader()
                        .setIndex(0)
                        .setLeaderId(leaderId)
                        .setLeaderEpoch(1)))
                .setBrokers(List.of(new ResolveDestinationResponseData.BrokerAddress()
                        .setId(leaderId)
                        .setHost("a")
                        .setPort(1)));
    }

    /** One partition, and replicas of it on these brokers. */
    static ResolveDestinationResponseData ledBy(int leaderId, int epoch, int... brokers) {
        List<ResolveDestinationResponseData.BrokerAddress> addresses = new ArrayList<>();
        for (int id : brokers) {
            addresses.add(new ResolveDestinationResponseData.BrokerAddress()
                    .setId(id)
                    .setHost("host" + id)
                    .setPort(id));
        }
        return resolved(TOPIC, leaderId)
                .setPartitions(List.of(new ResolveDestinationResponseData.PartitionLeader()
                        .setIndex(0)
                        .setLeaderId(leaderId)
                        .setLeaderEpoch(epoch)))
                .setBrokers(addresses);
    }

    /** The newest channel is connected, and that broker answers there. Returns the channel. */
    int connectTo(int brokerId) {
        connected();
        answer(
                nextRequest(HelloRequestData.class),
                new HelloResponseData().setBrokerId(brokerId).setMaxFrameBytes(1 << 20));
        return channel;
    }

    KeptSend send(Destination destination, String text) {
        KeptSend send = new KeptSend(destination, true, text);
        engine.send(send, nowMs);
        return send;
    }

    KeptSend sendNow(Destination destination, String text) {
        KeptSend send = send(destination, text);
        turn();
        return send;
    }

    void answerSend(Request request, ErrorCode code) {
        answer(request, new SendResponseData().setErrorCode(code.code()));
    }

    Request nextSend() {
        return nextRequest(SendRequestData.class);
    }

    static RecordBatch batch(Request request) {
        ByteBuffer records = ((SendRequestData) request.message()).records();
        RecordBatch batch = new RecordBatch(records, records.position());
        batch.validate(records.limit());
        return batch;
    }

    Attachment attach(Destination destination, KeptSink sink, int prefetch) {
        return attach(destination, sink, SubscriptionKind.QUEUE, prefetch);
    }

    Attachment attach(Destination destination, KeptSink sink, SubscriptionKind kind, int prefetch) {
        Kept<Done> reply = new Kept<>();
        Attachment attachment = engine.attach(
                destination, new AttachSpec(kind, null, null, false, prefetch, 1_000_000), sink, true, reply, nowMs);
        turn();
        answerAttach(0);
        assertThat(reply.value).isEqualTo(Done.DONE);
        return attachment;
    }

    AttachRequestData answerAttach(long startOffset) {
        Request request = nextRequest(AttachRequestData.class);
        answer(request, new AttachResponseData().setStartOffset(startOffset));
        return (AttachRequestData) request.message();
    }

    /** Answers the Deliver that stands. */
    void deliver(Request deliver, DeliverResponseData response) {
        answer(deliver, response);
    }

    static DeliverResponseData deliveries(int consumerId, long... offsets) {
        ByteBuf messages = Unpooled.buffer();
        for (long offset : offsets) {
            DeliveredMessages.write(messages, offset, 5, 1, ByteBuffer.wrap(new byte[] {1, 2, 3}));
        }
        return new DeliverResponseData()
                .setDeliveries(List.of(new DeliverResponseData.ConsumerDeliveries()
                        .setConsumerId(consumerId)
                        .setMessages(messages.nioBuffer())));
    }

    static EncodedRecord encoded(String text) {
        ByteBuf body = Unpooled.buffer();
        byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        io.millrace.protocol.record.Varints.write(body, -1);
        io.millrace.protocol.record.Varints.write(body, bytes.length);
        body.writeBytes(bytes);
        io.millrace.protocol.record.Varints.write(body, 0);
        return new EncodedRecord(body, 5, -1, 0);
    }
}
