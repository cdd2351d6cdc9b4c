package io.millrace.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A leader that lacks a batch which nobody asked to be on disk refuses the one behind it. Its producer takes that for proof that the batch is in
 * no log, and sends it anew under another epoch: so it has to be proof.
 */
class RefusedSequenceTest {
    private static final long PRODUCER = 9;

    private final PartitionFixture cluster = PartitionFixture.of(PartitionConfig.ofQueue(), 3);
    private final Node lacking = cluster.nodes.get(1);
    private final Node having = cluster.nodes.get(2);
    private boolean isTakenForProof;

    @BeforeEach
    void askALeaderThatLacksWhatAnotherHas() {
        cluster.cut(lacking);
        cluster.append(Messages.of("a").from(PRODUCER, 0, 0), false);
        Answer<AppendResult> unanswered = cluster.append(second(), true);
        flush();
        assertThat(unanswered.isAnswered()).isFalse();
        cluster.leader().kill();
        cluster.heal(lacking);
        cluster.cut(having);
        cluster.elect(lacking.id);
        Answer<AppendResult> refused = cluster.append(second(), true);
        flush();
        isTakenForProof = refused.error() == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER;
    }

    private static Messages second() {
        return Messages.of("b").from(PRODUCER, 0, 1);
    }

    private static Messages underTheNextEpoch() {
        return Messages.of("b").from(PRODUCER, 1, 0);
    }

    private Messages asItsProducerSendsItNow() {
        return isTakenForProof ? underTheNextEpoch() : second();
    }

    private void flush() {
        for (int i = 0; i < 5; i++) {
            cluster.flush();
        }
    }

    /** The batches of the producer in the leader's log. */
    private List<String> batches() {
        List<String> batches = new ArrayList<>();
        RandomRun.forEachBatch(cluster.messages(), batch -> {
            if (batch.producerId() == PRODUCER) {
                batches.add(batch.producerEpoch() + ":" + batch.baseSequence());
            }
        });
        return batches;
    }

    @Test
    void isNotRefusedByALeaderThatMayBeReplacedByOneThatHasIt() {
        // When
        lacking.kill();
        cluster.heal(having);
        cluster.elect(having.id);
        Answer<AppendResult> again = cluster.append(asItsProducerSendsItNow(), true);
        cluster.settleDown();

        // Then
        assertThat(again.isSuccess()).isTrue();
        assertThat(batches()).containsExactly("0:0", "0:1");
    }

    @Test
    void isRefusedWhenNobodyHasItAnyMore() {
        // When
        cluster.heal(having);
        cluster.settleDown();

        // Then
        assertThat(cluster.append(second(), true).error()).isEqualTo(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
        Answer<AppendResult> anew = cluster.append(underTheNextEpoch(), true);
        cluster.settleDown();
        cluster.elect(having.id);
        cluster.settleDown();
        assertThat(anew.isSuccess()).isTrue();
        assertThat(batches()).containsExactly("1:0");
    }
}
