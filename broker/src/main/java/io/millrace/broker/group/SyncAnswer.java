package io.millrace.broker.group;

import io.millrace.protocol.ErrorCode;
import org.jspecify.annotations.Nullable;

/** What a member is told that asked for its assignment. Immutable. */
public record SyncAnswer(
        ErrorCode error,
        @Nullable String protocolType,
        @Nullable String protocol,
        Bytes assignment) {
    static SyncAnswer failed(ErrorCode error) {
        return new SyncAnswer(error, null, null, Bytes.EMPTY);
    }
}
