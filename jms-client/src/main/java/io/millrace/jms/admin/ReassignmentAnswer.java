package io.millrace.jms.admin;

import io.millrace.protocol.ErrorCode;

/**
 * What became of a {@link Reassignment}. Immutable.
 *
 * @param errorCode the name of the broker's error code; empty if the partition moves
 * @param reason why it was refused, or is not known; empty if it moves
 */
public record ReassignmentAnswer(String errorCode, String reason) {
    /** The partition moves, or is where it is to be. */
    public static final ReassignmentAnswer ACCEPTED = new ReassignmentAnswer("", "");

    /** Whether the partition stays as it was, unless {@link #isInDoubt}. */
    public boolean isRefused() {
        return !errorCode.isEmpty();
    }

    /** Whether the broker got no answer from the metadata store, so that the partition may move or not. */
    public boolean isInDoubt() {
        return errorCode.equals(ErrorCode.REQUEST_TIMED_OUT.name());
    }
}
