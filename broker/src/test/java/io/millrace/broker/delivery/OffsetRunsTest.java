package io.millrace.broker.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class OffsetRunsTest {
    @Test
    void agreesWithANaiveSet() {
        for (int seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            OffsetRuns runs = new OffsetRuns();
            TreeSet<Long> naive = new TreeSet<>();
            long end = 0;
            for (int step = 0; step < 200; step++) {
                if (random.nextInt(3) > 0) {
                    long offset = random.nextInt(4) > 0 ? end : random.nextInt(1 + (int) end);
                    if (naive.add(offset)) {
                        runs.add(offset);
                    }
                    end = Math.max(end, offset + 1 + random.nextInt(2));
                } else {
                    long first = random.nextInt(1 + (int) end);
                    long last = first + random.nextInt(8);
                    List<Long> removed = new ArrayList<>();
                    runs.remove(first, last, (a, b) -> {
                        for (long o = a; o <= b; o++) {
                            removed.add(o);
                        }
                    });
                    assertThat(removed).containsExactlyElementsOf(naive.subSet(first, last + 1));
                    naive.subSet(first, last + 1).clear();
                }
                assertThat(runs.count()).isEqualTo(naive.size());
                long probe = random.nextInt(1 + (int) end);
                assertThat(runs.contains(probe)).isEqualTo(naive.contains(probe));
                Long next = naive.ceiling(probe);
                assertThat(runs.next(probe)).isEqualTo(next == null ? -1 : next);
            }
            TreeSet<Long> seen = new TreeSet<>();
            for (int i = 0; i < runs.runs(); i++) {
                for (long o = runs.firstOfRun(i); o <= runs.lastOfRun(i); o++) {
                    seen.add(o);
                }
            }
            assertThat(seen).isEqualTo(naive);
        }
    }

    @Test
    void refusesAnOffsetThatIsHeldAlready() {
        // Given
        OffsetRuns runs = new OffsetRuns();
        runs.add(5, 9);
        runs.add(12);
        // When
        assertThatThrownBy(() -> runs.add(7))
                // Then
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("7..7")
                .hasMessageContaining("5..9");
    }
}
