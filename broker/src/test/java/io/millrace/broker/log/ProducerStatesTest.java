package io.millrace.broker.log;

import static io.millrace.broker.log.ProducerCheck.Verdict.DUPLICATE;
import static io.millrace.broker.log.ProducerCheck.Verdict.DUPLICATE_SEQUENCE_NUMBER;
import static io.millrace.broker.log.ProducerCheck.Verdict.INVALID_PRODUCER_EPOCH;
import static io.millrace.broker.log.ProducerCheck.Verdict.NEW;
import static io.millrace.broker.log.ProducerCheck.Verdict.OUT_OF_ORDER_SEQUENCE_NUMBER;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.record.RecordBatch;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

final class ProducerStatesTest {
    private final ProducerStates states = new ProducerStates();
    private long nextOffset;

    @Test
    void answersARepeatedBatchWithItsOffset() {
        append(0, 0, 3);
        append(0, 3, 2);
        assertThat(check(0, 0, 3)).isEqualTo(new ProducerCheck(DUPLICATE, 0, 1));
        assertThat(check(0, 3, 2)).isEqualTo(new ProducerCheck(DUPLICATE, 3, 1));
        assertThat(check(0, 5, 1).verdict()).isEqualTo(NEW);
    }

    @Test
    void knowsFiveBatchesAndThatOlderOnesWereAppended() {
        for (int i = 0; i < 7; i++) {
            append(0, i, 1);
        }
        assertThat(check(0, 2, 1).verdict()).isEqualTo(DUPLICATE);
        assertThat(check(0, 1, 1).verdict()).isEqualTo(DUPLICATE_SEQUENCE_NUMBER);
        assertThat(check(0, 8, 1).verdict()).isEqualTo(OUT_OF_ORDER_SEQUENCE_NUMBER);
    }

    @Test
    void fencesAnOlderEpochAndBeginsANewOneAtZero() {
        append(3, 0, 1);
        assertThat(check(2, 1, 1).verdict()).isEqualTo(INVALID_PRODUCER_EPOCH);
        assertThat(check(4, 1, 1).verdict()).isEqualTo(OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertThat(check(4, 0, 1).verdict()).isEqualTo(NEW);
        append(4, 0, 1);
        assertThat(check(3, 1, 1).verdict()).isEqualTo(INVALID_PRODUCER_EPOCH);
    }

    @Test
    void takesAnUnknownProducerInTheMiddle() {
        assertThat(check(0, 77, 1).verdict()).isEqualTo(NEW);
    }

    @Test
    void goesOnWithZeroBehindTheLargestSequence() {
        append(0, Integer.MAX_VALUE - 1, 2);
        assertThat(check(0, 0, 1).verdict()).isEqualTo(NEW);
        append(0, 0, 1);
        assertThat(check(0, Integer.MAX_VALUE - 1, 2).verdict()).isEqualTo(DUPLICATE);
        for (int i = 1; i < 6; i++) {
            append(0, i, 1);
        }
        assertThat(check(0, Integer.MAX_VALUE, 1).verdict()).isEqualTo(DUPLICATE_SEQUENCE_NUMBER);
    }

    @Test
    void forgetsSilentProducersAndKeepsTheRestInASnapshot() {
        append(0, 0, 1);
        ByteBuffer encoded = ByteBuffer.allocate(states.encodedBytes());
        states.encode(encoded);
        ProducerStates decoded = new ProducerStates();
        decoded.decode(encoded.flip());
        assertThat(decoded.check(batch(0, 0, 1)).verdict()).isEqualTo(DUPLICATE);
        decoded.expire(1000, 1000);
        assertThat(decoded.size()).isEqualTo(1);
        decoded.expire(1001, 1000);
        assertThat(decoded.size()).isZero();
    }

    @Test
    void countsSilenceOfAProducerFoundInALogFromWhenItIsAskedFor() {
        // Given
        RecordBatch batch = batch(0, 0, 1);
        batch.assign(0, 0);
        states.apply(batch, ProducerState.SEEN_BEFORE);
        // When
        states.expire(1_000_000, 1000);
        states.expire(1_000_999, 1000);
        int early = states.size();
        states.expire(1_001_000, 1000);
        // Then
        assertThat(early).isEqualTo(1);
        assertThat(states.size()).isZero();
    }

    private void append(int epoch, int sequence, int records) {
        RecordBatch batch = batch(epoch, sequence, records);
        batch.assign(nextOffset, 0);
        nextOffset = batch.nextOffset();
        states.apply(batch, 1);
    }

    private ProducerCheck check(int epoch, int sequence, int records) {
        return states.check(batch(epoch, sequence, records));
    }

    private static RecordBatch batch(int epoch, int sequence, int records) {
        return Batches.batch(records, 10, 1, 1, 9, (short) epoch, sequence);
    }
}
