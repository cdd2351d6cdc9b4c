package io.millrace.jms.engine;

import io.millrace.protocol.record.EncodedRecord;
import java.util.ArrayList;
import java.util.List;

/**
 * Messages that were given sequences together: one record batch, the same each time it is sent, so that the broker knows
 * it again. Only a broker that refused it, and so does not have it, sees it under another epoch. Owned by the engine.
 */
final class SendBatch {
    /** What is to be done with a batch that was sent. */
    enum Mark {
        /** Nothing; its answer is awaited, or it was never sent. */
        NONE,
        /** It has to be sent again as it is: it may or may not be in the log. */
        RETRY,
        /** It is not in the log: a batch before it is missing there. */
        REJECTED
    }

    final List<PendingSend> sends = new ArrayList<>();
    final List<EncodedRecord> records = new ArrayList<>();
    short epoch;
    int baseSequence;
    int sizeBytes;
    Mark mark = Mark.NONE;

    /** Whether an answer was lost: it may be in the log, or have been there. */
    boolean isOutcomeUnknown;

    /** Whether the topic it was meant for is gone and an answer means nothing. */
    boolean isAbandoned;

    void add(PendingSend send) {
        send.markBatched();
        sends.add(send);
        records.add(send.record());
        sizeBytes += send.sizeBytes();
    }

    boolean isDurable() {
        return sends.get(0).isDurable();
    }
}
