package io.millrace.broker.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OffsetSetTest {
    private static final long BITMAP = 1L << 31;

    @ParameterizedTest
    @ValueSource(longs = {0, 65_500, BITMAP - 40, 5 * BITMAP - 40})
    void agreesWithANaiveSet(long base) {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            OffsetSet set = new OffsetSet();
            TreeSet<Long> naive = new TreeSet<>();
            for (int step = 0; step < 60; step++) {
                long first = base + random.nextInt(100);
                long last = first + random.nextInt(20);
                switch (random.nextInt(5)) {
                    case 0, 1 -> {
                        set.add(first, last);
                        for (long o = first; o <= last; o++) {
                            naive.add(o);
                        }
                    }
                    case 2 -> {
                        set.remove(first, last);
                        naive.subSet(first, last + 1).clear();
                    }
                    case 3 -> {
                        set.removeBelow(first);
                        naive.headSet(first).clear();
                    }
                    default -> {
                        Long next = naive.ceiling(first);
                        assertThat(set.next(first)).isEqualTo(next == null ? -1 : next);
                        long absent = first;
                        while (naive.contains(absent)) {
                            absent++;
                        }
                        assertThat(set.nextAbsent(first)).isEqualTo(absent);
                        assertThat(set.contains(first)).isEqualTo(naive.contains(first));
                    }
                }
                assertThat(set.cardinality()).isEqualTo(naive.size());
                assertThat(set.isEmpty()).isEqualTo(naive.isEmpty());
                assertThat(set.first()).isEqualTo(naive.isEmpty() ? -1 : naive.first());
            }
            TreeSet<Long> seen = new TreeSet<>();
            set.forEachRun((first, last) -> {
                for (long o = first; o <= last; o++) {
                    seen.add(o);
                }
            });
            assertThat(seen).isEqualTo(naive);
        }
    }

    @Test
    void everySecondOfTenMillionOffsetsFitsInTwoMegabytes() {
        // Given
        OffsetSet set = new OffsetSet();
        // When
        for (long offset = 1; offset < 10_000_000; offset += 2) {
            set.add(offset, offset);
        }
        // Then
        assertThat(set.sizeBytes()).isLessThan(2 * 1024 * 1024);
    }

    @Test
    void aRunOverManyBitmapsIsOneRun() {
        // Given
        OffsetSet set = new OffsetSet();
        // When
        set.add(10, 3 * BITMAP);
        // Then
        assertThat(set.nextAbsent(10)).isEqualTo(3 * BITMAP + 1);
        assertThat(set.cardinality()).isEqualTo(3 * BITMAP - 9);
        assertThat(set.sizeBytes()).isLessThan(2 * 1024 * 1024);
    }
}
