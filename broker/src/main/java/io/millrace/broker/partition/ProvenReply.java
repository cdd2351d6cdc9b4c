package io.millrace.broker.partition;

import io.millrace.protocol.ErrorCode;

/**
 * Refuses a sequence only when that proves that the batch is in no log: its producer sends it under another epoch then, and whoever leads next
 * would append it once more. A leader that has just begun may lack what another replica in sync still has, of messages that nobody asked to be
 * replicated; so it has to have heard from each that its log is the beginning of this one. Until then the producer is to try again.
 */
record ProvenReply(Reply<AppendResult> reply, InSyncReplicas replicas) implements Reply<AppendResult> {
    private static final boolean ON_DISK_OR_NOT = false;

    @Override
    public void complete(AppendResult result) {
        reply.complete(result);
    }

    @Override
    public void fail(ErrorCode error, String message) {
        boolean isOfSequences =
                error == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER || error == ErrorCode.INVALID_PRODUCER_EPOCH;
        if (isOfSequences && replicas.replicatedMessages(ON_DISK_OR_NOT) < 0) {
            reply.fail(
                    ErrorCode.LEADER_NOT_AVAILABLE,
                    message + "; but this broker leads since a moment ago, and another may have it: try again");
        } else {
            reply.fail(error, message);
        }
    }
}
