package io.millrace.jms.message;

import io.millrace.protocol.record.InvalidBatchException;
import io.millrace.protocol.record.RecordReader;
import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Turns delivered records into messages. Immutable, for any thread. */
public final class MessageDecoder {
    private final ObjectTrust trust;

    /** A decoder whose object messages deserialize what is trusted. */
    public MessageDecoder(ObjectTrust trust) {
        this.trust = trust;
    }

    /**
     * The message of a record.
     *
     * @param record a record of format v2 without its length, which nobody changes from now on
     * @throws MessageFormatException if the bytes are no record, or the body is not what its type says
     */
    public MillraceMessage decode(byte[] record, DeliveryFacts facts) throws JMSException {
        try {
            RecordReader reader = RecordReader.ofBody(ByteBuffer.wrap(record));
            String types = ReceivedHeaders.typesOf(reader);
            ByteBuffer value = reader.value();
            MillraceMessage message = empty(types, value);
            message.decodeBody(value);
            message.received(new ReceivedHeaders(reader, types, facts), facts);
            return message;
        } catch (InvalidBatchException e) {
            MessageFormatException failure = new MessageFormatException("the record at offset " + facts.offset()
                    + " of " + facts.topicName() + "-" + facts.partition() + " can not be read: " + e.getMessage());
            failure.initCause(e);
            throw failure;
        }
    }

    private MillraceMessage empty(@Nullable String types, @Nullable ByteBuffer value) {
        if (types == null) {
            return value == null ? new MillracePlainMessage() : new MillraceBytesMessage();
        }
        return switch (types.charAt(1)) {
            case 'M' -> new MillracePlainMessage();
            case 'T' -> new MillraceTextMessage();
            case 'P' -> new MillraceMapMessage();
            case 'S' -> new MillraceStreamMessage();
            case 'O' -> new MillraceObjectMessage(trust);
            default -> new MillraceBytesMessage();
        };
    }
}
