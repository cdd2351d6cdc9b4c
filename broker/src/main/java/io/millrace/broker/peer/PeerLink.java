package io.millrace.broker.peer;

import java.util.function.Supplier;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * One connection to another broker. Requests follow one another without waiting for answers; answers are matched by correlation id and
 * may come in any order. Requests are given only after {@link PeerLinkListener#onReady}, and are not changed afterwards.
 *
 * <p>{@link #call}, {@link #stand} and {@link #close} are for any thread and keep the order of one caller; the rest is owned by the link's
 * lane.
 */
public interface PeerLink {
    /** The broker at the other end. */
    Peer peer();

    /** Whether the other broker has answered PeerHello, and the link has not ended. */
    boolean isReady();

    /** The version of what brokers say to each other that both ends speak, {@link PeerProtocol}; known once ready. */
    short protocolVersion();

    /** The largest request that the other end reads; known once ready. */
    int maxFrameBytes();

    /** Whether more may be sent without piling up; {@link PeerLinkListener#onWritable} tells when that is so again. */
    boolean isWritable();

    /**
     * Sends a request that is answered once. It fails when no answer came in time, and when the link ends.
     *
     * @param answer makes the empty answer to be filled
     */
    void call(ApiMessage request, short version, Supplier<? extends ApiMessage> answer, PeerReply reply);

    /**
     * Sends a standing request: the other end answers as often as it has something to say, until the link ends. It takes the place of
     * the standing request of the same API key that was sent before; an answer may be to either, and goes to the newer one's taker.
     */
    void stand(ApiMessage request, short version, Supplier<? extends ApiMessage> answer, PeerAnswers answers);

    /** Ends the link; {@link PeerLinkListener#onClosed} follows, unless it has ended before. */
    void close();
}
