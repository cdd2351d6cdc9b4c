package io.millrace.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A leader about to hand over, of a destination whose sends are answered before others have them. */
class HandOverTest {
    private final PartitionFixture cluster = PartitionFixture.of(PartitionFixture.answeringAtOnce(), 3);
    private final List<Node> followers = List.of(cluster.nodes.get(1), cluster.nodes.get(2));
    private final Answer<@Nullable Void> handedOver = new Answer<>();

    private void handOver() {
        cluster.partition().onHandOver(handedOver);
    }

    @Test
    void isDoneWhenTheOthersHaveWhatWasAnswered() {
        // Given
        followers.forEach(cluster::cut);
        Answer<AppendResult> answered = cluster.send("a");
        assertThat(answered.isSuccess()).isTrue();

        // When
        handOver();

        // Then
        cluster.flush();
        assertThat(handedOver.isAnswered()).isFalse();
        followers.forEach(cluster::heal);
        cluster.settleDown();
        assertThat(handedOver.isSuccess()).isTrue();
    }

    @Test
    void answersNothingAnyMoreThatTheOthersLack() {
        // Given
        handOver();
        assertThat(handedOver.isSuccess()).isTrue();
        followers.forEach(cluster::cut);

        // When
        Answer<AppendResult> sent = cluster.send("a");

        // Then
        cluster.flush();
        assertThat(sent.isAnswered()).isFalse();
        followers.forEach(cluster::heal);
        cluster.settleDown();
        assertThat(sent.isSuccess()).isTrue();
    }

    @Test
    void answersAtOnceAgainWhenItLeadsAgain() {
        // Given
        handOver();
        cluster.elect(followers.get(0).id);
        cluster.settleDown();
        cluster.elect(1);
        cluster.settleDown();
        followers.forEach(cluster::cut);

        // When
        Answer<AppendResult> sent = cluster.send("a");

        // Then
        assertThat(sent.isSuccess()).isTrue();
    }
}
