package io.millrace.jms.message;

import jakarta.jms.JMSException;
import jakarta.jms.TextMessage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A message whose body is a text, or null (Jakarta Messaging 3.1, 3.11.1). In the record it is UTF-8. */
public final class MillraceTextMessage extends MillraceMessage implements TextMessage {
    private @Nullable String text;
    private @Nullable ByteBuffer encoded;

    @Override
    public void setText(@Nullable String text) throws JMSException {
        checkBodyWritable();
        this.text = text;
        this.encoded = null;
    }

    @Override
    public @Nullable String getText() throws JMSException {
        checkNotSending();
        return bodyObject();
    }

    @Override
    char typeCode() {
        return 'T';
    }

    @Override
    byte @Nullable [] encodeBody() throws JMSException {
        if (encoded != null) {
            return ReceivedHeaders.bytes(encoded);
        }
        return text == null ? null : Utf8.encode(text);
    }

    @Override
    void decodeBody(@Nullable ByteBuffer value) {
        encoded = value;
    }

    @Override
    @Nullable
    String bodyObject() {
        if (text == null && encoded != null) {
            text = new String(
                    encoded.array(),
                    encoded.arrayOffset() + encoded.position(),
                    encoded.remaining(),
                    StandardCharsets.UTF_8);
        }
        return text;
    }

    @Override
    void emptyBody() {
        text = null;
        encoded = null;
    }
}
