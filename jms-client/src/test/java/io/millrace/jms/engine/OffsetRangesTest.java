package io.millrace.jms.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class OffsetRangesTest {
    private final OffsetRanges ranges = new OffsetRanges();

    @Test
    void joinsOffsetsThatFollowEachOther() {
        // When
        ranges.add(5);
        ranges.add(6);
        ranges.add(9);
        ranges.add(8);
        ranges.add(7);

        // Then
        assertThat(listed(ranges)).containsExactly("5-9");
    }

    @Test
    void splitsARangeThatLosesItsMiddle() {
        // Given
        for (int i = 0; i < 10; i++) {
            ranges.add(i);
        }

        // When
        ranges.remove(3, 5);

        // Then
        assertThat(listed(ranges)).containsExactly("0-2", "6-9");
    }

    /** One step: add an offset, or remove some. */
    record Step(boolean isAdd, long first, long length) {}

    @Property
    void agreesWithASetOfOffsets(@ForAll("steps") List<Step> steps) {
        OffsetRanges tested = new OffsetRanges();
        TreeSet<Long> model = new TreeSet<>();
        for (Step step : steps) {
            if (step.isAdd) {
                tested.add(step.first);
                model.add(step.first);
            } else {
                tested.remove(step.first, step.first + step.length);
                model.removeIf(offset -> offset >= step.first && offset <= step.first + step.length);
            }
            List<Long> offsets = new ArrayList<>();
            tested.forEach((first, last) -> {
                for (long offset = first; offset <= last; offset++) {
                    offsets.add(offset);
                }
            });
            assertThat(offsets).containsExactlyElementsOf(model);
            assertThat(tested.count()).isEqualTo(model.size());
            assertThat(tested.isEmpty()).isEqualTo(model.isEmpty());
            assertThat(tested.contains(step.first)).isEqualTo(model.contains(step.first));
        }
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 3),
                        Arbitraries.longs().between(0, 40),
                        Arbitraries.longs().between(0, 6))
                .as((kind, first, length) -> new Step(kind > 0, first, length))
                .list()
                .ofMaxSize(80);
    }

    private static List<String> listed(OffsetRanges ranges) {
        List<String> list = new ArrayList<>();
        ranges.forEach((first, last) -> list.add(first + "-" + last));
        return list;
    }
}
