package io.millrace.broker.session;

import io.millrace.protocol.wire.Frames;
import io.millrace.protocol.wire.RequestHeader;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way to its answer. Owned by the connection's lane.
 *
 * <p>A request of a Kafka client holds a place in the order of its connection's answers until {@link #answer} or {@link #answerNothing}.
 */
public final class Request {
    private final ConnectionSession session;
    private final ServedApi api;
    private final RequestHeader header;
    private final ByteBuf body;
    private State state = State.OPEN;
    private @Nullable ApiMessage response;
    private short responseVersion;
    private @Nullable Runnable onAbandoned;

    Request(ConnectionSession session, ServedApi api, RequestHeader header, ByteBuf body) {
        this.session = session;
        this.api = api;
        this.header = header;
        this.body = body;
        this.responseVersion = header.apiVersion();
    }

    public ConnectionSession session() {
        return session;
    }

    public short version() {
        return header.apiVersion();
    }

    public int correlationId() {
        return header.correlationId();
    }

    /** The name that the client gave itself in the header, or null. */
    public @Nullable String clientId() {
        return header.clientId();
    }

    /** The bytes behind the header, to be read once. */
    public ByteBuf bytes() {
        return body;
    }

    /** Reads the message. Its byte buffers point into the frame. */
    public ApiMessage message() {
        return Frames.readRequest(header, body);
    }

    /** Reads the message, and notes a slice of the frame for each of its records fields that is not null. */
    public ApiMessage message(List<ByteBuf> records) {
        return Frames.readRequest(header, body, records);
    }

    /** Whether the answer is still to be given and somebody is there to take it. */
    public boolean isOpen() {
        return state == State.OPEN;
    }

    /** Answers. */
    public void answer(ApiMessage message) {
        answer(message, header.apiVersion());
    }

    /** Answers in another version than the request's; only a refused ApiVersions does. */
    public void answer(ApiMessage message, short version) {
        if (state == State.OPEN) {
            state = State.DONE;
            response = message;
            responseVersion = version;
            session.onAnswered(this);
        }
    }

    /** Ends the request without an answer, since its sender waits for none. */
    public void answerNothing() {
        if (state == State.OPEN) {
            state = State.DONE;
            session.onAnswered(this);
        }
    }

    /** Has something done if the connection is lost before the answer is written. */
    public void onAbandoned(Runnable action) {
        onAbandoned = action;
        session.watch(this);
    }

    ServedApi api() {
        return api;
    }

    boolean isDone() {
        return state == State.DONE;
    }

    @Nullable
    ApiMessage response() {
        return response;
    }

    short responseVersion() {
        return responseVersion;
    }

    boolean isWatched() {
        return onAbandoned != null;
    }

    /** The answer was written: what it holds is the connection's now. */
    void onWritten() {
        onAbandoned = null;
    }

    /** The connection was lost. */
    void abandon() {
        state = State.ABANDONED;
        if (onAbandoned != null) {
            onAbandoned.run();
            onAbandoned = null;
        }
    }

    private enum State {
        OPEN,
        DONE,
        ABANDONED
    }
}
