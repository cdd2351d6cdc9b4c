package io.millrace.broker.partition;

import java.util.List;

/**
 * Who is to be taken for in sync. Immutable.
 *
 * @param members broker ids
 * @param brokerEpochs in which of its lives each was seen to have everything; {@link #UNSEEN} for members that stay what they are
 */
public record InSyncProposal(List<Integer> members, List<Long> brokerEpochs) {
    /** No life of the broker was seen. */
    public static final long UNSEEN = -1;

    public InSyncProposal {
        members = List.copyOf(members);
        brokerEpochs = List.copyOf(brokerEpochs);
    }
}
