package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cli.LeaderSpread.Place;
import io.millrace.protocol.DestinationName;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

final class LeaderSpreadTest {
    private static final DestinationName ORDERS = DestinationName.queue("orders");
    private static final DestinationName PRICES = DestinationName.topic("prices");

    @Test
    void leavesWhatIsLevelAlone() {
        assertThat(leveled(List.of(), place(ORDERS, 2, 1, 3), place(ORDERS, 1, 2, 3), place(ORDERS, 3, 2, 1)))
                .containsExactly(List.of(2, 1, 3), List.of(1, 2, 3), List.of(3, 2, 1));
    }

    @Test
    void doesNotGiveAllOfADestinationToABrokerThatLeadsNothingElse() {
        // Given
        List<Place> others = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            others.add(place(PRICES, 1, 2, 3));
            others.add(place(PRICES, 3, 2, 1));
        }
        // When
        List<List<Integer>> leveled = leveled(
                others, place(ORDERS, 1, 2, 3), place(ORDERS, 1, 2, 3), place(ORDERS, 1, 2, 3), place(ORDERS, 3, 2, 1));
        // Then broker 2 has one more than the others, since it leads least
        assertThat(firsts(leveled)).containsExactlyEntriesOf(new TreeMap<>(Map.of(1, 1, 2, 2, 3, 1)));
    }

    @Test
    void levelsTheWholeWhereThatLeavesEachDestinationLevel() {
        // Given many destinations of one partition
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            places.add(place(DestinationName.queue("q" + i), 1, 2, 3));
        }
        // When
        List<List<Integer>> leveled = leveled(List.of(), places.toArray(Place[]::new));
        // Then
        assertThat(firsts(leveled)).containsExactlyEntriesOf(new TreeMap<>(Map.of(1, 3, 2, 3, 3, 3)));
    }

    @RepeatedTest(50)
    void levelsEachDestinationAndTheWholeWhereAllBrokersHaveAll(RepetitionInfo repetition) {
        // Given
        Random random = new Random(repetition.getCurrentRepetition());
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            List<Integer> ids = new ArrayList<>(List.of(1, 2, 3, 4));
            Collections.shuffle(ids, random);
            places.add(new Place(DestinationName.queue("q" + random.nextInt(4)), ids));
        }
        // When
        new LeaderSpread(List.of()).level(places);
        // Then
        for (int i = 0; i < 4; i++) {
            DestinationName name = DestinationName.queue("q" + i);
            assertLevel(places.stream()
                    .filter(one -> one.destination().equals(name))
                    .map(Place::replicas)
                    .toList());
        }
        assertLevel(places.stream().map(Place::replicas).toList());
    }

    private static void assertLevel(List<List<Integer>> replicas) {
        Map<Integer, Integer> firsts = firsts(replicas);
        for (int id = 1; id <= 4; id++) {
            assertThat(firsts.getOrDefault(id, 0))
                    .as("%s", firsts)
                    .isBetween(replicas.size() / 4, (replicas.size() + 3) / 4);
        }
    }

    private static List<List<Integer>> leveled(List<Place> fixed, Place... places) {
        new LeaderSpread(fixed).level(List.of(places));
        return List.of(places).stream().map(Place::replicas).toList();
    }

    private static Place place(DestinationName destination, Integer... replicas) {
        return new Place(destination, new ArrayList<>(List.of(replicas)));
    }

    private static Map<Integer, Integer> firsts(List<List<Integer>> replicas) {
        Map<Integer, Integer> firsts = new TreeMap<>();
        replicas.forEach(one -> firsts.merge(one.get(0), 1, Integer::sum));
        return firsts;
    }
}
