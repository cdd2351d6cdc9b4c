package io.millrace.broker.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InFlightBudgetTest {
    private static final int MIB = 1024 * 1024;

    private final InFlightBudget budget = new InFlightBudget(new PooledByteBufAllocator(true), 8 * MIB);

    @Test
    void knowsWhatIsHeld() {
        // Given
        ByteBuf one = budget.allocator().directBuffer(MIB);
        ByteBuf slice = one.writeBytes(new byte[100]).readRetainedSlice(10);

        // When // Then
        assertThat(budget.usedBytes()).isGreaterThanOrEqualTo(MIB);

        // When
        one.release();

        // Then
        assertThat(budget.usedBytes()).as("a slice holds all of its buffer").isGreaterThanOrEqualTo(MIB);

        // When
        slice.release();

        // Then
        assertThat(budget.usedBytes()).isZero();
    }

    @Test
    void isExhaustedAboveItsLimitUntilSomeIsGivenBack() {
        // Given
        List<ByteBuf> held = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            held.add(budget.allocator().directBuffer(MIB));
        }

        // When
        budget.look();

        // Then
        assertThat(budget.isExhausted()).isTrue();

        // When
        held.remove(0).release();
        budget.look();

        // Then
        assertThat(budget.isExhausted()).as("at the limit, not yet below it").isTrue();

        // When
        held.remove(0).release();
        budget.look();

        // Then
        assertThat(budget.isExhausted()).isFalse();
        held.forEach(ByteBuf::release);
    }

    @Test
    void hasRoomForAFrameIfItFitsOrIsAlone() {
        // Given
        ByteBuf first = budget.roomFor(6 * MIB);

        // When // Then
        assertThat(first).isNotNull();
        assertThat(budget.roomFor(3 * MIB)).isNull();

        // When
        first.release();
        ByteBuf alone = budget.roomFor(20 * MIB);

        // Then
        assertThat(alone).isNotNull();
        assertThat(budget.roomFor(1024)).isNull();
        alone.release();
    }
}
