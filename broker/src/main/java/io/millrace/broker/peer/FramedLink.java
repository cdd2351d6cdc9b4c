package io.millrace.broker.peer;

import io.millrace.broker.lane.Lane;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.HeartbeatRequestData;
import io.millrace.protocol.message.HeartbeatResponseData;
import io.millrace.protocol.message.PeerHelloRequestData;
import io.millrace.protocol.message.PeerHelloResponseData;
import io.millrace.protocol.wire.Frames;
import io.millrace.protocol.wire.MalformedFrameException;
import io.millrace.protocol.wire.RequestHeader;
import io.netty.buffer.ByteBuf;
import io.netty.util.collection.IntObjectHashMap;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/**
 * A {@link PeerLink} over any channel that carries frames: says PeerHello, matches answers to requests, sees to heartbeats, and notices
 * silence. CONNECTING -> GREETING when the channel is connected, -> READY when the other broker has answered PeerHello; CLOSED from each of
 * them, once and for good.
 *
 * <p>Time is measured by a clock that only goes forward: where somebody sets the wall clock, silence is noticed as soon as otherwise.
 *
 * <p>Calls have positive correlation ids; each kind of standing request has one negative id, the same for all that follow one another.
 *
 * <p>Owned by the link's lane, but for what {@link PeerLink} says.
 */
public final class FramedLink implements PeerLink {
    private static final short HELLO_VERSION = 0;
    private static final short HEARTBEAT_VERSION = 0;
    private static final int HEARTBEATS_IN_IDLE_TIME = 3;

    private final Peer peer;
    private final Lane lane;
    private final PeerChannel channel;
    private final LocalBroker self;
    private final PeerConfig config;
    private final PeerLinkListener listener;
    private final LongSupplier elapsed;
    private final IntObjectHashMap<Call> calls = new IntObjectHashMap<>();
    private final ArrayDeque<Call> byDeadline = new ArrayDeque<>();
    private final List<Standing> standing = new ArrayList<>();

    private State state = State.CONNECTING;
    private short protocolVersion;
    private int maxFrameBytes;
    private int heartbeatIntervalMs;
    private boolean heartbeatPending;
    private int nextCorrelationId = 1;
    private long connectDeadlineMs;
    private long lastSentMs;
    private long lastReceivedMs;
    private long timerAtMs = Long.MAX_VALUE;

    /**
     * A link that does nothing until it is opened.
     *
     * @param elapsed a clock in ms that only goes forward
     */
    public FramedLink(
            Peer peer,
            Lane lane,
            PeerChannel channel,
            LocalBroker self,
            PeerConfig config,
            PeerLinkListener listener,
            LongSupplier elapsed) {
        this.peer = peer;
        this.lane = lane;
        this.channel = channel;
        this.self = self;
        this.config = config;
        this.listener = listener;
        this.elapsed = elapsed;
    }

    /** Connects. For any thread, once. */
    public void open() {
        lane.execute(() -> {
            if (state == State.CONNECTING) {
                connectDeadlineMs = elapsed.getAsLong() + config.connectTimeoutMs();
                channel.connect();
                wakeInTime();
            }
        });
    }

    // ---- what users say

    @Override
    public Peer peer() {
        return peer;
    }

    @Override
    public boolean isReady() {
        return state == State.READY;
    }

    @Override
    public short protocolVersion() {
        return protocolVersion;
    }

    @Override
    public int maxFrameBytes() {
        return maxFrameBytes;
    }

    @Override
    public boolean isWritable() {
        return state == State.READY && channel.isWritable();
    }

    @Override
    public void call(ApiMessage request, short version, Supplier<? extends ApiMessage> answer, PeerReply reply) {
        inLane(() -> {
            if (state == State.CLOSED) {
                reply.onFailed(ErrorCode.NETWORK_EXCEPTION, "the link to " + peer + " has ended", lane.nowMs());
            } else {
                requireReady();
                send(request, version, answer, reply);
            }
        });
    }

    @Override
    public void stand(ApiMessage request, short version, Supplier<? extends ApiMessage> answer, PeerAnswers answers) {
        inLane(() -> {
            if (state != State.CLOSED) { // then the listener has heard of it
                requireReady();
                int index = indexOf(request.apiKey());
                Standing kind = new Standing(request.apiKey(), version, answer, answers);
                if (index < standing.size()) {
                    standing.set(index, kind);
                } else {
                    standing.add(kind);
                }
                write(-1 - index, version, request);
            }
        });
    }

    @Override
    public void close() {
        inLane(() -> end(new PeerEnd(PeerEnd.Cause.CLOSED, "closed by this broker")));
    }

    // ---- what the channel says

    /** The channel is connected. */
    public void onConnected() {
        if (state == State.CONNECTING) {
            state = State.GREETING;
            lastReceivedMs = elapsed.getAsLong();
            send(hello(), HELLO_VERSION, PeerHelloResponseData::new, new Greeting());
        }
    }

    /** Bytes came, of a whole frame or not. */
    public void onBytes() {
        lastReceivedMs = elapsed.getAsLong();
    }

    /** Takes one frame, without its length, which stays the caller's. */
    public void onFrame(ByteBuf frame) {
        if (state == State.CLOSED) {
            return;
        }
        onBytes();
        try {
            int correlationId = Frames.peekCorrelationId(frame);
            if (correlationId < 0) {
                onStandingAnswer(correlationId, frame);
            } else {
                onCallAnswer(correlationId, frame);
            }
        } catch (MalformedFrameException e) {
            end(new PeerEnd(PeerEnd.Cause.MALFORMED, "it sent what can not be read: " + e.getMessage()));
        }
    }

    /** The channel takes bytes again. */
    public void onWritable() {
        if (state == State.READY) {
            listener.onWritable(this, lane.nowMs());
        }
    }

    /** The channel could not be connected, or is lost. */
    public void onDisconnected(PeerEnd end) {
        end(end);
    }

    // ---- greeting

    private PeerHelloRequestData hello() {
        return new PeerHelloRequestData()
                .setClusterId(self.clusterId().get())
                .setBrokerId(self.brokerId())
                .setBrokerEpoch(self.brokerEpoch().getAsLong())
                .setReceiverId(peer.brokerId())
                .setSecret(self.secret().get())
                .setSoftwareVersion(self.softwareVersion())
                .setMinProtocol(PeerProtocol.MIN)
                .setMaxProtocol(PeerProtocol.MAX);
    }

    private void onHello(PeerHelloResponseData hello) {
        String refusal = refusal(hello);
        if (refusal != null) {
            end(new PeerEnd(PeerEnd.Cause.REJECTED, refusal));
            return;
        }
        state = State.READY;
        protocolVersion = hello.protocol();
        maxFrameBytes = hello.maxFrameBytes();
        int theirIdleMs = hello.idleTimeoutMs() > 0 ? hello.idleTimeoutMs() : Integer.MAX_VALUE;
        heartbeatIntervalMs = Math.max(1, Math.min(config.idleTimeoutMs(), theirIdleMs) / HEARTBEATS_IN_IDLE_TIME);
        listener.onReady(this, lane.nowMs());
        wakeInTime();
    }

    /** Why the one who answers is not the one to speak to, or null. */
    private @Nullable String refusal(PeerHelloResponseData hello) {
        if (hello.errorCode() != ErrorCode.NONE.code()) {
            return "it refused this broker: " + ErrorCode.of(hello.errorCode()) + ", " + hello.errorMessage();
        }
        if (hello.brokerId() != peer.brokerId()) {
            return "broker " + hello.brokerId() + " answers in its place";
        }
        if (peer.epoch() != LocalBroker.NO_EPOCH && hello.brokerEpoch() != peer.epoch()) {
            return "it answers with epoch " + hello.brokerEpoch() + ", and is known here with " + peer.epoch();
        }
        if (hello.protocol() < PeerProtocol.MIN || hello.protocol() > PeerProtocol.MAX) {
            return "it chose protocol " + hello.protocol() + " out of " + PeerProtocol.MIN + " to " + PeerProtocol.MAX;
        }
        return null;
    }

    // ---- requests and answers

    private void send(ApiMessage request, short version, Supplier<? extends ApiMessage> answer, PeerReply reply) {
        int id = nextCorrelationId;
        nextCorrelationId = id == Integer.MAX_VALUE ? 1 : id + 1;
        Call call = new Call(id, version, answer, reply, elapsed.getAsLong() + config.requestTimeoutMs());
        calls.put(id, call);
        byDeadline.add(call);
        write(id, version, request);
        wakeInTime();
    }

    private void write(int correlationId, short version, ApiMessage request) {
        lastSentMs = elapsed.getAsLong();
        RequestHeader header = new RequestHeader(request.apiKey(), version, correlationId, null);
        channel.write(Frames.request(channel.allocator(), header, request));
    }

    private void onCallAnswer(int correlationId, ByteBuf frame) {
        Call call = calls.remove(correlationId);
        if (call == null) {
            return; // too late: the call has failed before
        }
        call.done = true;
        while (!byDeadline.isEmpty() && byDeadline.element().done) {
            byDeadline.remove();
        }
        ApiMessage answer = call.answer.get();
        List<ByteBuf> records = new ArrayList<>();
        try {
            Frames.readResponse(call.version, frame, answer, records);
        } catch (MalformedFrameException e) {
            call.reply.onFailed(
                    ErrorCode.NETWORK_EXCEPTION,
                    peer + " answered what can not be read: " + e.getMessage(),
                    lane.nowMs());
            throw e;
        }
        call.reply.onAnswer(answer, records, lane.nowMs());
    }

    private void onStandingAnswer(int correlationId, ByteBuf frame) {
        int index = -1 - correlationId;
        if (index >= standing.size()) {
            throw new MalformedFrameException("an answer to standing request " + correlationId + ", where "
                    + standing.size() + " kinds of them were sent");
        }
        Standing kind = standing.get(index);
        ApiMessage answer = kind.answer.get();
        List<ByteBuf> records = new ArrayList<>();
        Frames.readResponse(kind.version, frame, answer, records);
        kind.answers.onAnswer(answer, records, lane.nowMs());
    }

    /** The place of the standing requests of that key, or the next free one. */
    private int indexOf(short apiKey) {
        int index = 0;
        while (index < standing.size() && standing.get(index).apiKey != apiKey) {
            index++;
        }
        return index;
    }

    // ---- time

    private void onTick(long elapsedMs) {
        if (state == State.CLOSED) {
            return;
        }
        failOverdueCalls(elapsedMs);
        if (state == State.READY) {
            keepAlive(elapsedMs);
        } else if (elapsedMs >= connectDeadlineMs) {
            end(new PeerEnd(
                    PeerEnd.Cause.UNREACHABLE, "no answer within " + config.connectTimeoutMs() + " ms, " + state));
        }
        wakeInTime();
    }

    private void failOverdueCalls(long elapsedMs) {
        for (Call oldest = byDeadline.peek();
                oldest != null && (oldest.done || elapsedMs >= oldest.deadlineMs);
                oldest = byDeadline.peek()) {
            byDeadline.remove();
            if (!oldest.done) {
                calls.remove(oldest.correlationId);
                oldest.fail(
                        ErrorCode.REQUEST_TIMED_OUT,
                        "no answer within " + config.requestTimeoutMs() + " ms",
                        lane.nowMs());
            }
        }
    }

    private void keepAlive(long elapsedMs) {
        long silentMs = elapsedMs - lastReceivedMs;
        if (silentMs >= config.idleTimeoutMs()) {
            end(new PeerEnd(PeerEnd.Cause.SILENT, "silent for " + config.idleTimeoutMs() + " ms"));
        } else if (elapsedMs >= heartbeatAtMs()) {
            heartbeatPending = true;
            send(new HeartbeatRequestData(), HEARTBEAT_VERSION, HeartbeatResponseData::new, new Heartbeat());
        }
    }

    /** Each side hears something in each third of the idle time. */
    private long heartbeatAtMs() {
        long quietSinceMs = heartbeatPending ? lastSentMs : Math.min(lastSentMs, lastReceivedMs);
        return quietSinceMs + heartbeatIntervalMs;
    }

    private long deadlineMs() {
        Call oldest = byDeadline.peek();
        long callMs = oldest == null ? Long.MAX_VALUE : oldest.deadlineMs;
        return switch (state) {
            case CONNECTING, GREETING -> Math.min(callMs, connectDeadlineMs);
            case READY -> Math.min(callMs, Math.min(heartbeatAtMs(), lastReceivedMs + config.idleTimeoutMs()));
            case CLOSED -> Long.MAX_VALUE;
        };
    }

    /** Sees to it that a timer runs out by the deadline. Most deadlines only move away: then the timer that runs is enough. */
    private void wakeInTime() {
        long atMs = deadlineMs();
        if (atMs < timerAtMs) {
            timerAtMs = atMs;
            lane.schedule(lane.nowMs() + Math.max(0, atMs - elapsed.getAsLong()), () -> {
                if (timerAtMs == atMs) {
                    timerAtMs = Long.MAX_VALUE;
                    onTick(elapsed.getAsLong());
                }
            });
        }
    }

    // ---- the end

    private void end(PeerEnd end) {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        channel.close();
        long nowMs = lane.nowMs();
        List<Call> unanswered = new ArrayList<>(byDeadline);
        byDeadline.clear();
        calls.clear();
        for (Call call : unanswered) {
            if (!call.done) {
                call.fail(ErrorCode.NETWORK_EXCEPTION, "the link to " + peer + " has ended: " + end, nowMs);
            }
        }
        standing.clear();
        listener.onClosed(this, end, nowMs);
    }

    private void requireReady() {
        if (state != State.READY) {
            throw new IllegalStateException("a request on a link that is not ready: " + this);
        }
    }

    private void inLane(Runnable task) {
        if (lane.inLane()) {
            task.run();
        } else {
            lane.execute(task);
        }
    }

    @Override
    public String toString() {
        return "link to " + peer + " (" + state + ")";
    }

    private enum State {
        CONNECTING,
        GREETING,
        READY,
        CLOSED
    }

    /** The standing requests of one API key. */
    private record Standing(short apiKey, short version, Supplier<? extends ApiMessage> answer, PeerAnswers answers) {}

    /** A request that waits for its answer. */
    private static final class Call {
        private final int correlationId;
        private final short version;
        private final Supplier<? extends ApiMessage> answer;
        private final PeerReply reply;
        private final long deadlineMs;
        private boolean done;

        Call(
                int correlationId,
                short version,
                Supplier<? extends ApiMessage> answer,
                PeerReply reply,
                long deadlineMs) {
            this.correlationId = correlationId;
            this.version = version;
            this.answer = answer;
            this.reply = reply;
            this.deadlineMs = deadlineMs;
        }

        void fail(ErrorCode error, String message, long nowMs) {
            done = true;
            reply.onFailed(error, message, nowMs);
        }
    }

    /** The answer to PeerHello. A failure is followed by the link's end. */
    private final class Greeting implements PeerReply {
        @Override
        public void onAnswer(ApiMessage answer, List<ByteBuf> records, long nowMs) {
            onHello((PeerHelloResponseData) answer);
        }

        @Override
        public void onFailed(ErrorCode error, String message, long nowMs) {}
    }

    private final class Heartbeat implements PeerReply {
        @Override
        public void onAnswer(ApiMessage answer, List<ByteBuf> records, long nowMs) {
            heartbeatPending = false;
        }

        @Override
        public void onFailed(ErrorCode error, String message, long nowMs) {
            heartbeatPending = false;
        }
    }
}
