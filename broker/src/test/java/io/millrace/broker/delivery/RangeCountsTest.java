package io.millrace.broker.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class RangeCountsTest {
    @Test
    void agreesWithANaiveMap() {
        for (int seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            RangeCounts counts = new RangeCounts();
            TreeMap<Long, Integer> naive = new TreeMap<>();
            for (int step = 0; step < 100; step++) {
                long first = random.nextInt(60);
                long last = first + random.nextInt(15);
                int value = random.nextInt(4) - 1;
                switch (random.nextInt(4)) {
                    case 0 -> {
                        counts.set(first, last, value);
                        for (long o = first; o <= last; o++) {
                            naive.put(o, value);
                        }
                    }
                    case 1 -> {
                        counts.add(first, last, value);
                        for (long o = first; o <= last; o++) {
                            naive.merge(o, value, Integer::sum);
                        }
                    }
                    case 2 -> {
                        counts.remove(first, last);
                        naive.subMap(first, last + 1).clear();
                    }
                    default -> {
                        counts.removeBelow(first / 4);
                        naive.headMap(first / 4).clear();
                    }
                }
                naive.values().removeIf(v -> v == 0);
                for (long o = 0; o < 80; o++) {
                    assertThat(counts.get(o)).isEqualTo(naive.getOrDefault(o, 0));
                }
            }
            RangeCounts fresh = new RangeCounts();
            naive.forEach((o, v) -> fresh.set(o, o, v));
            assertThat(counts).as("the same numbers are the same runs").isEqualTo(fresh);
        }
    }

    @Test
    void aLongRunIsOneEntry() {
        // Given
        RangeCounts counts = new RangeCounts();
        // When
        for (long o = 100; o < 5100; o++) {
            counts.set(o, o, 2);
        }
        // Then
        assertThat(counts.size()).isEqualTo(1);
    }
}
