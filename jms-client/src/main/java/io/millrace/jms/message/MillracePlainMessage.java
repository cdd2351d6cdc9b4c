package io.millrace.jms.message;

import java.nio.ByteBuffer;
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
    void decodeBody(@Nullable ByteBuffer value) {}

    @Override
    @Nullable
    Object bodyObject() {
        return null;
    }

    @Override
    void emptyBody() {}
}
