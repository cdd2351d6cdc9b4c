package io.millrace.broker.peer;

import io.millrace.protocol.ErrorCode;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.apache.kafka.common.protocol.ApiMessage;

/** The place for the answer to one call: exactly one of its methods is called, once, on the link's lane. */
public interface PeerReply {
    /**
     * The other broker's answer, which may well be an error of that API.
     *
     * @param records the bytes of each records field that is not null, in the order of the fields, as slices of the frame. They and the
     *     byte buffers of the answer are valid until this returns; a slice that is needed longer is retained
     */
    void onAnswer(ApiMessage answer, List<ByteBuf> records, long nowMs);

    /** There will be no answer, and nobody knows whether the request was done. */
    void onFailed(ErrorCode error, String message, long nowMs);
}
