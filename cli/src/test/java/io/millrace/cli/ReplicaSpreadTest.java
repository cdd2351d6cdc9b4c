package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.jms.admin.ClusterDescription.Broker;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

final class ReplicaSpreadTest {
    @Test
    void leavesWhatIsLevelAlone() {
        List<List<Integer>> present = List.of(List.of(1, 2), List.of(2, 3), List.of(3, 1));

        assertThat(spread(brokers(1, 2, 3), present, 0)).isEqualTo(present);
    }

    @Test
    void givesANewBrokerItsShareAndMovesNothingElse() {
        // Given
        List<List<Integer>> present = List.of(List.of(1, 2), List.of(2, 3), List.of(3, 1), List.of(1, 2));
        // When
        List<List<Integer>> spread = spread(brokers(1, 2, 3, 4), present, 0);
        // Then
        assertThat(counts(spread)).containsExactlyEntriesOf(new TreeMap<>(Map.of(1, 2, 2, 2, 3, 2, 4, 2)));
        assertThat(moved(present, spread)).isEqualTo(2);
    }

    @Test
    void takesABrokerThatIsNotAllowedAway() {
        List<List<Integer>> spread = spread(brokers(1, 3, 4), List.of(List.of(2, 1, 3), List.of(1, 2, 3)), 0);

        assertThat(spread).allSatisfy(one -> assertThat(one).containsExactlyInAnyOrder(1, 3, 4));
    }

    @Test
    void refusesMoreReplicasThanBrokers() {
        assertThatThrownBy(() -> spread(brokers(1, 2), List.of(List.of(1, 2, 3)), 0))
                .hasMessageContaining("3 replicas need as many brokers, and only 2 can take them");
    }

    @Test
    void changesTheNumberOfReplicas() {
        assertThat(spread(brokers(1, 2, 3), List.of(List.of(1)), 3).get(0)).containsExactlyInAnyOrder(1, 2, 3);
        assertThat(spread(brokers(1, 2, 3), List.of(List.of(1, 2, 3)), 1).get(0))
                .hasSize(1);
    }

    @Test
    void putsNoTwoReplicasIntoARackWhileThereIsOneWithout() {
        // Given
        List<Broker> brokers = List.of(broker(1, "a"), broker(2, "a"), broker(3, "b"), broker(4, "b"));
        // When
        List<List<Integer>> spread = spread(brokers, List.of(List.of(1, 2), List.of(3, 4), List.of(2, 1)), 0);
        // Then
        assertThat(spread).allSatisfy(one -> assertThat((one.get(0) <= 2) != (one.get(1) <= 2))
                .as("%s", one)
                .isTrue());
    }

    @RepeatedTest(50)
    void isLevelWhateverThereWas(RepetitionInfo repetition) {
        // Given
        Random random = new Random(repetition.getCurrentRepetition());
        List<Broker> brokers = brokers(1, 2, 3, 4, 5);
        List<List<Integer>> present = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            List<Integer> ids = new ArrayList<>(List.of(1, 2, 3, 4, 5, 6));
            Collections.shuffle(ids, random);
            present.add(ids.subList(0, 1 + random.nextInt(3)));
        }
        // When
        List<List<Integer>> spread = spread(brokers, present, 0);
        // Then
        Map<Integer, Integer> counts = counts(spread);
        assertThat(counts.keySet()).doesNotContain(6);
        int most = counts.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
        int least = counts.values().stream().mapToInt(Integer::intValue).min().orElseThrow();
        assertThat(most - least).isLessThanOrEqualTo(1);
        for (int i = 0; i < present.size(); i++) {
            assertThat(spread.get(i)).hasSameSizeAs(present.get(i)).doesNotHaveDuplicates();
        }
    }

    private static List<List<Integer>> spread(List<Broker> brokers, List<List<Integer>> present, int count) {
        return new ReplicaSpread(brokers, List.of()).spread(present, count);
    }

    private static Map<Integer, Integer> counts(List<List<Integer>> spread) {
        Map<Integer, Integer> counts = new TreeMap<>();
        spread.forEach(one -> one.forEach(id -> counts.merge(id, 1, Integer::sum)));
        return counts;
    }

    private static int moved(List<List<Integer>> from, List<List<Integer>> to) {
        int moved = 0;
        for (int i = 0; i < from.size(); i++) {
            HashSet<Integer> added = new HashSet<>(to.get(i));
            added.removeAll(from.get(i));
            moved += added.size();
        }
        return moved;
    }

    private static List<Broker> brokers(int... ids) {
        List<Broker> brokers = new ArrayList<>();
        for (int id : ids) {
            brokers.add(broker(id, null));
        }
        return brokers;
    }

    private static Broker broker(int id, String rack) {
        return new Broker(id, "host" + id, 9092, rack, 1, false);
    }
}
