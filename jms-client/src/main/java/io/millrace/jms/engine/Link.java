package io.millrace.jms.engine;

import io.millrace.protocol.message.DeliverRequestData;
import io.millrace.protocol.message.DeliverResponseData;
import io.millrace.protocol.message.HeartbeatRequestData;
import io.millrace.protocol.message.HeartbeatResponseData;
import io.millrace.protocol.message.HelloResponseData;
import io.millrace.protocol.wire.Frames;
import io.millrace.protocol.wire.RequestHeader;
import io.netty.buffer.ByteBuf;
import io.netty.util.collection.IntObjectHashMap;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/**
 * One channel to one broker, from connecting to its loss: {@link LinkState}. It matches answers to calls, sees to
 * heartbeats and notices silence. A link that was lost never comes back; a new one takes its place.
 *
 * <p>Calls have positive correlation ids, Deliver requests negative ones: a Deliver may be answered many times, also after
 * a newer one was sent, and each answer means the same. Owned by the engine.
 */
final class Link {
    private static final int NO_BROKER = -1;
    private static final int HEARTBEATS_IN_IDLE_TIME = 3;

    final int channel;
    final BrokerAddress address;
    final SettlementStream settlements;

    /** Whether its broker has said that it is cut off from the cluster. */
    boolean isCutOff;

    private final Context context;
    private final IntObjectHashMap<Call> calls = new IntObjectHashMap<>();
    private final ArrayDeque<Call> byDeadline = new ArrayDeque<>();
    private LinkState state = LinkState.CONNECTING;
    private int brokerId;
    private int nextCorrelationId = 1;
    private int nextDeliverId = -1;
    private short deliverVersion;
    private long connectDeadlineMs;
    private long lastSentMs;
    private long lastReceivedMs;
    private int idleTimeoutMs;
    private boolean heartbeatPending;
    private int maxFrameBytes = Integer.MAX_VALUE;
    private ServedVersions served = new ServedVersions(List.of());

    /** Takes the answers to Deliver. */
    interface DeliverHandler {
        void onDeliver(Link link, DeliverResponseData response);
    }

    Link(Context context, int expectedBrokerId, BrokerAddress address) {
        this.context = context;
        this.channel = context.nextChannel();
        this.brokerId = expectedBrokerId;
        this.address = address;
        this.settlements = new SettlementStream(this);
        this.connectDeadlineMs = context.nowMs + context.config.timeouts().connectMs();
    }

    Link(Context context, BrokerAddress address) {
        this(context, NO_BROKER, address);
    }

    LinkState state() {
        return state;
    }

    boolean isReady() {
        return state == LinkState.READY;
    }

    /** The broker's id: its own word once ready, before that whom the engine expects there, or -1. */
    int brokerId() {
        return brokerId;
    }

    int maxFrameBytes() {
        return maxFrameBytes;
    }

    void onGreeting() {
        state = LinkState.GREETING;
        lastSentMs = context.nowMs;
        lastReceivedMs = context.nowMs;
    }

    void onReady(HelloResponseData hello) {
        state = LinkState.READY;
        brokerId = hello.brokerId();
        served = new ServedVersions(hello.apiKeys());
        idleTimeoutMs = hello.idleTimeoutMs();
        maxFrameBytes = hello.maxFrameBytes() > 0 ? hello.maxFrameBytes() : Integer.MAX_VALUE;
    }

    /** Sends a request that is answered once. */
    void call(Call call) {
        int id = nextCorrelationId;
        nextCorrelationId = id == Integer.MAX_VALUE ? 1 : id + 1;
        call.answered = false;
        call.deadlineMs = context.nowMs + context.config.timeouts().requestMs();
        calls.put(id, call);
        byDeadline.add(call);
        ApiMessage request = call.request();
        call.version = served.of(request);
        write(id, call.version, request);
    }

    /** Sends the Deliver that stands from now on. */
    void deliver(DeliverRequestData request) {
        int id = nextDeliverId;
        nextDeliverId = id == Integer.MIN_VALUE ? -1 : id - 1;
        deliverVersion = served.of(request);
        write(id, deliverVersion, request);
    }

    private void write(int correlationId, short version, ApiMessage request) {
        RequestHeader header = new RequestHeader(request.apiKey(), version, correlationId, null);
        lastSentMs = context.nowMs;
        context.outbox.write(channel, Frames.request(context.allocator, header, request));
    }

    /** Handles a frame behind its length, which stays the caller's. */
    void onFrame(ByteBuf frame, DeliverHandler deliveries) {
        lastReceivedMs = context.nowMs;
        int correlationId = Frames.peekCorrelationId(frame);
        if (correlationId < 0) {
            DeliverResponseData response = new DeliverResponseData();
            Frames.readResponse(deliverVersion, frame, response);
            deliveries.onDeliver(this, response);
            return;
        }
        Call call = calls.remove(correlationId);
        if (call == null) {
            throw new io.millrace.protocol.wire.MalformedFrameException(
                    "an answer to request " + correlationId + ", which is not waiting for one");
        }
        call.answered = true;
        ApiMessage response = call.newResponse();
        Frames.readResponse(call.version, frame, response);
        call.onResponse(response);
        while (!byDeadline.isEmpty() && byDeadline.element().answered) {
            byDeadline.remove();
        }
    }

    /** Ends the link; the calls that were under way are returned in the order in which they were sent. */
    List<Call> close() {
        state = LinkState.CLOSED;
        List<Call> unanswered = new ArrayList<>();
        for (Call call : byDeadline) {
            if (!call.answered) {
                unanswered.add(call);
            }
        }
        byDeadline.clear();
        calls.clear();
        return unanswered;
    }

    /** Sends a heartbeat if it is time. Returns why the link is dead, or null. */
    @Nullable
    String onTick() {
        long now = context.nowMs;
        if (state != LinkState.READY) {
            return now >= connectDeadlineMs
                    ? "no answer within " + context.config.timeouts().connectMs() + " ms"
                    : null;
        }
        Call oldest = byDeadline.peek();
        if (oldest != null && now >= oldest.deadlineMs) {
            return "no answer to " + oldest.getClass().getSimpleName() + " within "
                    + context.config.timeouts().requestMs() + " ms";
        }
        if (idleTimeoutMs > 0) {
            if (now - lastReceivedMs >= idleTimeoutMs) {
                return "silent for " + (now - lastReceivedMs) + " ms";
            }
            if (now >= heartbeatMs()) {
                heartbeatPending = true;
                call(new Heartbeat());
            }
        }
        return null;
    }

    /** When {@link #onTick} has something to do next. */
    long deadlineMs() {
        if (state != LinkState.READY) {
            return connectDeadlineMs;
        }
        Call oldest = byDeadline.peek();
        long deadline = oldest == null ? Long.MAX_VALUE : oldest.deadlineMs;
        if (idleTimeoutMs > 0) {
            deadline = Math.min(deadline, Math.min(heartbeatMs(), lastReceivedMs + idleTimeoutMs));
        }
        return deadline;
    }

    /** The broker hears something in each third of the idle time, and so do we. */
    private long heartbeatMs() {
        long intervalMs = idleTimeoutMs / HEARTBEATS_IN_IDLE_TIME;
        long quietSinceMs = heartbeatPending ? lastSentMs : Math.min(lastSentMs, lastReceivedMs);
        return quietSinceMs + intervalMs;
    }

    @Override
    public String toString() {
        return "link " + channel + " to " + address + " (broker " + brokerId + ", " + state + ")";
    }

    /** Its answer is all it is for. */
    private final class Heartbeat extends Call {
        @Override
        ApiMessage request() {
            return new HeartbeatRequestData();
        }

        @Override
        ApiMessage newResponse() {
            return new HeartbeatResponseData();
        }

        @Override
        void onResponse(ApiMessage response) {
            heartbeatPending = false;
        }

        @Override
        void onLost() {
            // The loss is handled by others.
        }
    }
}
