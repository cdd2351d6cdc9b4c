package io.millrace.broker.log;

/**
 * What {@link ProducerStates} says to a batch before it is appended.
 *
 * @param verdict what to do with it
 * @param baseOffset for {@link Verdict#DUPLICATE} the offset at which the batch was appended first, else -1
 * @param timestampMs for {@link Verdict#DUPLICATE} the largest timestamp of the batch as appended, else -1
 */
public record ProducerCheck(Verdict verdict, long baseOffset, long timestampMs) {
    /** The names are those of Kafka's error codes where there is one. */
    public enum Verdict {
        /** Append it. */
        NEW,
        /** One of the producer's last five batches: answer its offset, append nothing. */
        DUPLICATE,
        /** Appended longer ago: success without a known offset. */
        DUPLICATE_SEQUENCE_NUMBER,
        /** A batch before it is missing. */
        OUT_OF_ORDER_SEQUENCE_NUMBER,
        /** A newer incarnation of the producer has appended. */
        INVALID_PRODUCER_EPOCH
    }

    static final ProducerCheck NEW = new ProducerCheck(Verdict.NEW, -1, -1);

    static ProducerCheck refused(Verdict verdict) {
        return new ProducerCheck(verdict, -1, -1);
    }
}
