package io.millrace.jms.message;

import org.jspecify.annotations.Nullable;

/** A message without a body. */
public final class MillracePlainMessage extends MillraceMessage {
    @Override
    char typeCode() {
        return 'M';
    }

    @Override
    byte @Nullable [] encodeBody() {
        return null;
    }

    @Override
    void decodeBody(byte @Nullable [] value) {}

    @Override
    @Nullable
    Object bodyObject() {
        return null;
    }

    @Override
    void emptyBody() {}
}
