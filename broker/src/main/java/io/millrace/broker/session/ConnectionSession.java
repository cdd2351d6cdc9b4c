package io.millrace.broker.session;

import io.millrace.broker.lane.Lane;
import io.millrace.broker.log.LogSlice;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Api;
import io.millrace.protocol.wire.Frames;
import io.millrace.protocol.wire.MalformedFrameException;
import io.millrace.protocol.wire.RequestHeader;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/**
 * One connection's life as a plain state machine: takes frames, calls the handler of each API key, and writes the answers in the order
 * that the peer is promised.
 *
 * <p>Kafka's clients expect answers in the order of their requests: a request holds its place, and an answer waits until those before it
 * are given. A client that said Hello matches answers by correlation id, and each is written when it is there.
 *
 * <p>Frames that come while it is being found out who the peer is wait; a connection with too many unanswered requests, or that does
 * not take its answers, is not read.
 *
 * <p>Owned by the connection's lane.
 */
public final class ConnectionSession {
    /** API key, version, correlation id. */
    private static final int MIN_REQUEST_BYTES = 2 * Short.BYTES + Integer.BYTES;

    private final SessionServices services;
    private final ApiTable apis;
    private final Connection connection;
    private final Lane lane;
    private final long number;
    private final Authentication authentication;
    private final ArrayDeque<Request> ordered = new ArrayDeque<>();
    private final Set<Request> watched = new LinkedHashSet<>();
    private final ArrayDeque<ByteBuf> waitingFrames = new ArrayDeque<>();

    private @Nullable ClientConnection client;
    private @Nullable PeerConnection peer;
    private int pendingRequests;
    private boolean reading = true;
    private boolean closed;
    private long lastFrameMs;

    ConnectionSession(SessionServices services, ApiTable apis, Connection connection, Lane lane, long number) {
        this.services = services;
        this.apis = apis;
        this.connection = connection;
        this.lane = lane;
        this.number = number;
        this.authentication = new Authentication(this, services.registries().users());
        this.lastFrameMs = lane.nowMs();
    }

    /** Grows with each session that the broker opens. */
    long number() {
        return number;
    }

    // ---- what the transport says

    /** Takes one request frame, without its length field. Its ownership passes to the session. */
    public void onFrame(ByteBuf frame, long nowMs) {
        lastFrameMs = nowMs;
        if (closed) {
            frame.release();
        } else if (authentication.isPending() || !waitingFrames.isEmpty()) {
            waitingFrames.add(frame);
        } else {
            take(frame, nowMs);
        }
    }

    /** Takes notice that the connection takes bytes again. */
    public void onWritable(long nowMs) {
        readIfWanted();
        if (client != null) {
            client.deliveries().onWritable(nowMs);
        } else if (peer != null) {
            peer.onWritable(nowMs);
        }
    }

    /** Takes notice that the connection is gone, for whatever reason. Nothing follows. */
    public void onClosed(long nowMs) {
        if (closed) {
            return;
        }
        closed = true;
        waitingFrames.forEach(ByteBuf::release);
        waitingFrames.clear();
        for (Request request : new ArrayList<>(watched)) {
            request.abandon();
        }
        watched.clear();
        ordered.forEach(Request::abandon);
        ordered.clear();
        if (client != null) {
            client.onClosed(nowMs);
        } else if (peer != null) {
            peer.onClosed(nowMs);
        }
    }

    /** Does what is due, such as closing an idle connection. Called about once a second. */
    public void onTick(long nowMs) {
        int idleTimeoutMs = services.config().idleTimeoutMs();
        if (idleTimeoutMs > 0 && nowMs - lastFrameMs > idleTimeoutMs && pendingRequests == 0) {
            close();
        }
    }

    // ---- what handlers use

    public SessionServices services() {
        return services;
    }

    public Connection connection() {
        return connection;
    }

    public Lane lane() {
        return lane;
    }

    /** All APIs that are served. */
    public ApiTable apis() {
        return apis;
    }

    public Authentication authentication() {
        return authentication;
    }

    public boolean isClosed() {
        return closed;
    }

    /** Closes the connection because of what its peer did, and says so in the log. */
    public void refuse(String cause, String what) {
        services.complaints().say(cause, connection.remoteAddress(), what, lane.nowMs());
        close();
    }

    /** Closes the connection when what was written is sent. */
    public void close() {
        connection.close();
    }

    /** Calls a partition on its own lane. */
    public void call(HostedPartition hosted, Consumer<Partition> call) {
        if (hosted.lane().inLane()) {
            call.accept(hosted.partition());
        } else {
            hosted.lane().execute(() -> call.accept(hosted.partition()));
        }
    }

    /** A reply that may be given on any thread and arrives on this session's lane. */
    public <T extends @Nullable Object> Reply<T> onLane(Reply<T> reply) {
        return new Reply<T>() {
            @Override
            public void complete(T value) {
                onLane(() -> reply.complete(value));
            }

            @Override
            public void fail(ErrorCode error, String message) {
                onLane(() -> reply.fail(error, message));
            }
        };
    }

    /** Runs a task of this session on its lane: at once if that is where it is. */
    public void onLane(Runnable task) {
        if (lane.inLane()) {
            guarded(task);
        } else {
            lane.execute(() -> guarded(task));
        }
    }

    /**
     * Runs a task of this session. What it throws is the session's fault, not that of the partition or lane that calls, and costs the
     * connection: its state can not be trusted any more.
     */
    public void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            services.complaints().fault("session of " + connection.remoteAddress(), e, lane.nowMs());
            close();
        }
    }

    // ---- requests

    private void take(ByteBuf frame, long nowMs) {
        try {
            if (authentication.takesRawToken()) {
                authentication.onRawToken(frame);
            } else {
                dispatch(frame, nowMs);
            }
        } catch (MalformedFrameException e) {
            refuse("malformed frame", String.valueOf(e.getMessage()));
        } finally {
            frame.release();
        }
    }

    private void dispatch(ByteBuf frame, long nowMs) {
        if (frame.readableBytes() < MIN_REQUEST_BYTES) {
            throw new MalformedFrameException("a request of " + frame.readableBytes() + " bytes");
        }
        int start = frame.readerIndex();
        short key = frame.getShort(start);
        short version = frame.getShort(start + Short.BYTES);
        ServedApi api = apis.find(key);
        if (api == null) {
            refuse("unknown API", "API key " + key + " in version " + version + " is not served");
            return;
        }
        if (!mayUse(api)) {
            if (client == null && api.access() == ServedApi.Access.AUTHENTICATED && authentication.isUnknown()) {
                authentication.tryAnonymous();
                onFrame(frame.retain().readerIndex(start), nowMs);
                return;
            }
            if (api.access() == ServedApi.Access.AUTHENTICATED) {
                refuse("not authenticated", "API key " + key + " from a peer that did not authenticate");
                return;
            }
        }
        RequestHeader header = Frames.readRequestHeader(frame);
        if (header == null || (!api.serves(version) && key != ApiKeys.API_VERSIONS)) {
            refuse(
                    "unsupported version",
                    "API key " + key + " in version " + version + ", where " + api.minVersion() + " to "
                            + api.maxVersion() + " are served");
            return;
        }
        handle(new Request(this, api, header, frame), nowMs);
    }

    private boolean mayUse(ServedApi api) {
        return switch (api.access()) {
            case ANYBODY -> true;
            case AUTHENTICATED -> client != null || authentication.isGranted();
            case AFTER_HELLO -> client != null;
            case AFTER_ANY_HELLO -> isIntroduced();
            case BROKERS_ONLY -> peer != null;
        };
    }

    private void handle(Request request, long nowMs) {
        ServedApi api = request.api();
        pendingRequests++;
        if (!isIntroduced()) {
            ordered.add(request);
        }
        try {
            if (mayUse(api)) {
                api.handler().onRequest(request, nowMs);
            } else {
                answerNotAllowed(request);
            }
        } catch (InvalidRequestException e) {
            if (Api.isPrivate(api.key())) {
                PrivateErrors.answer(request, e.error(), e.reason());
            } else {
                refuse("invalid request", "API key " + api.key() + ": " + e.reason());
            }
        }
        if (reading && isFull()) {
            reading = false;
            connection.read(false);
        }
    }

    private static void answerNotAllowed(Request request) {
        switch (request.api().access()) {
            case AFTER_HELLO, AFTER_ANY_HELLO ->
                PrivateErrors.answer(request, ErrorCode.HELLO_REQUIRED, "Hello comes first on a connection");
            case BROKERS_ONLY ->
                PrivateErrors.answer(
                        request,
                        ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
                        "API key " + request.api().key() + " is for the brokers of the cluster, which say PeerHello");
            case ANYBODY, AUTHENTICATED ->
                throw new IllegalStateException("API key " + request.api().key() + " is answered, or the peer refused");
        }
    }

    // ---- answers

    void onAnswered(Request request) {
        pendingRequests--;
        if (request.isWatched()) {
            watched.remove(request);
        }
        if (closed) {
            return;
        }
        if (ordered.isEmpty()) {
            write(request);
        } else {
            writeInOrder(request);
        }
        readIfWanted();
    }

    void watch(Request request) {
        watched.add(request);
    }

    /** The peer said Hello: from here on it matches answers by their correlation id. */
    void onHello(ClientConnection saidHello) {
        client = saidHello;
    }

    /** The peer said PeerHello, and is another broker: it matches answers by their correlation id, too. */
    void onPeerHello(PeerConnection saidHello) {
        peer = saidHello;
    }

    /** The other broker that this is the connection of. */
    public PeerConnection peer() {
        if (peer == null) {
            throw new IllegalStateException("the connection of " + connection.remoteAddress() + " is no broker's");
        }
        return peer;
    }

    /** The connection of the client that said Hello. */
    ClientConnection client() {
        if (client == null) {
            throw new IllegalStateException("no Hello was said on the connection of " + connection.remoteAddress());
        }
        return client;
    }

    /** Whether Hello or PeerHello was said. */
    boolean isIntroduced() {
        return client != null || peer != null;
    }

    /** It is known now who the peer is: what waited for it goes on. */
    void onAuthenticationDecided() {
        long nowMs = lane.nowMs();
        while (!waitingFrames.isEmpty() && !authentication.isPending() && !closed) {
            take(waitingFrames.remove(), nowMs);
        }
        readIfWanted();
    }

    /** Stops reading while it is being found out who the peer is. */
    void onAuthenticationPending() {
        reading = false;
        connection.read(false);
    }

    private void writeInOrder(Request answered) {
        if (!ordered.contains(answered)) { // it came after Hello
            write(answered);
            return;
        }
        while (!ordered.isEmpty() && ordered.element().isDone()) {
            write(ordered.remove());
        }
    }

    private void write(Request request) {
        ApiMessage response = request.response();
        if (response == null) {
            return;
        }
        write(request.responseVersion(), request.correlationId(), response);
        request.onWritten();
    }

    /** Writes an answer, whose slices pass to the connection. */
    void write(short version, int correlationId, ApiMessage response) {
        for (Object part : Frames.response(connection.allocator(), version, correlationId, response)) {
            if (part instanceof ByteBuf bytes) {
                connection.write(bytes);
            } else {
                connection.write((LogSlice) part);
            }
        }
    }

    private void readIfWanted() {
        if (!reading && !closed && !authentication.isPending() && !isFull()) {
            reading = true;
            connection.read(true);
        }
    }

    private boolean isFull() {
        return pendingRequests >= services.config().maxPendingRequests() || !connection.isWritable();
    }
}
