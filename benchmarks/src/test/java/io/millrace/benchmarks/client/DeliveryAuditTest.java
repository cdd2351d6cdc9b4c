package io.millrace.benchmarks.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class DeliveryAuditTest {
    private final DeliveryAudit audit = new DeliveryAudit(2);
    private final DeliveryAudit.Reader one = audit.newReader();
    private final DeliveryAudit.Reader other = audit.newReader();

    @Test
    void acceptsEachMessageOnceWhoeverReceivedIt() {
        // When
        one.onMessage(new Stamp(0, 0, 0));
        other.onMessage(new Stamp(0, 1, 0));
        one.onMessage(new Stamp(0, 2, 0));
        one.onMessage(new Stamp(1, 0, 0));

        // Then
        assertThat(audit.received()).isEqualTo(4);
        assertThatCode(() -> audit.check(new long[] {3, 1})).doesNotThrowAnyException();
    }

    @Test
    void findsALostMessage() {
        // Given
        one.onMessage(new Stamp(0, 0, 0));
        one.onMessage(new Stamp(0, 2, 0));

        // Then
        assertThatThrownBy(() -> audit.check(new long[] {3, 0}))
                .isInstanceOf(LoadFailure.class)
                .hasMessage("lost 1 of the 3 messages of producer 0, the first of them number 1");
    }

    @Test
    void findsALostTail() {
        // Given
        one.onMessage(new Stamp(1, 0, 0));

        // Then
        assertThatThrownBy(() -> audit.check(new long[] {0, 2})).hasMessageContaining("lost 1 of the 2");
    }

    @Test
    void findsAMessageReceivedTwice() {
        // Given
        one.onMessage(new Stamp(0, 0, 0));

        // Then
        assertThatThrownBy(() -> other.onMessage(new Stamp(0, 0, 0))).hasMessageContaining("received twice");
    }

    @Test
    void findsWhatComesOutOfOrderToOneConsumer() {
        // Given
        one.onMessage(new Stamp(0, 1, 0));

        // Then
        assertThatThrownBy(() -> one.onMessage(new Stamp(0, 0, 0))).hasMessageContaining("out of order");
    }

    @Test
    void findsWhatNobodySent() {
        // Given
        one.onMessage(new Stamp(0, 0, 0));
        one.onMessage(new Stamp(0, 1, 0));

        // Then
        assertThatThrownBy(() -> audit.check(new long[] {1, 0})).hasMessageContaining("who sent 1");
        assertThatThrownBy(() -> one.onMessage(new Stamp(2, 0, 0))).hasMessageContaining("nobody");
    }
}
