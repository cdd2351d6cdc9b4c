package io.millrace.jms.admin;

/**
 * What became of a {@link Reassignment}. Immutable.
 *
 * @param errorCode the name of the broker's error code; empty if the partition moves
 * @param reason why it was refused; empty if it moves
 */
public record ReassignmentAnswer(String errorCode, String reason) {
    /** The partition moves, or is where it is to be. */
    public static final ReassignmentAnswer ACCEPTED = new ReassignmentAnswer("", "");

    /** Whether the partition stays as it was. */
    public boolean isRefused() {
        return !errorCode.isEmpty();
    }
}
