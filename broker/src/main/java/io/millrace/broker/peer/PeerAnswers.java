package io.millrace.broker.peer;

import io.netty.buffer.ByteBuf;
import java.util.List;
import org.apache.kafka.common.protocol.ApiMessage;

/** Takes the answers to a standing request, on the link's lane, until the link ends. */
@FunctionalInterface
public interface PeerAnswers {
    /**
     * One answer.
     *
     * @param records the bytes of each records field that is not null, in the order of the fields, as slices of the frame. They and the
     *     byte buffers of the answer are valid until this returns; a slice that is needed longer is retained
     */
    void onAnswer(ApiMessage answer, List<ByteBuf> records, long nowMs);
}
