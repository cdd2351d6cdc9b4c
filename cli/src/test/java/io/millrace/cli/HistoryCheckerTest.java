package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Good histories pass; each planted fault is found by its rule, and by no other. */
class HistoryCheckerTest {
    private static final String QUEUE = "queue:orders";
    private static final String LOG = "log-0";

    private final History history = new History();

    // ---- queues

    @Test
    void acceptsMessagesThatWereReceivedAndSettled() {
        sent("p:1");
        history.received("c", QUEUE, "p:1", 1);
        history.settle("c", QUEUE, "p:1").ok();
        checks();
    }

    @Test
    void acceptsWhatNobodyKnows() {
        history.send("p", QUEUE, "p:1").unknown(); // never received
        history.send("p", QUEUE, "p:2").unknown(); // received
        history.send("p", QUEUE, "p:3"); // without an end, received and settled by nobody
        received("c", "p:2");
        history.received("c", QUEUE, "p:3", 1);
        checks();
    }

    @Test
    void acceptsARedeliveryOfWhatWasNotSettled() {
        sent("p:1");
        sent("p:2");
        history.received("c", QUEUE, "p:1", 1);
        history.received("c", QUEUE, "p:2", 1);
        history.settle("c", QUEUE, "p:2").fail();
        history.received("d", QUEUE, "p:1", 2);
        history.settle("d", QUEUE, "p:1").unknown();
        history.received("d", QUEUE, "p:2", 2);
        history.settle("d", QUEUE, "p:2").ok();
        assertThatCode(() -> new HistoryChecker(history)
                        .consumersLive()
                        .ordered(QUEUE)
                        .check())
                .doesNotThrowAnyException();
    }

    @Test
    void findsALostMessage() {
        sent("p:1");
        sent("p:2");
        received("c", "p:2");
        finds("lost", "p:1", "nobody received it");
    }

    @Test
    void findsAMessageThatWasReceivedNotSettledAndNeverCameAgain() {
        sent("p:1");
        history.received("c", QUEUE, "p:1", 1);
        finds("lost", "p:1", "which did not settle it");
    }

    @Test
    void findsALossAfterASettlementThatFailed() {
        sent("p:1");
        history.received("c", QUEUE, "p:1", 1);
        history.settle("c", QUEUE, "p:1").fail();
        finds("lost", "p:1", "which did not settle it");
    }

    @Test
    void findsAMessageThatComesAgainAfterItsSettlementWasConfirmed() {
        sent("p:1");
        received("c", "p:1");
        history.received("d", QUEUE, "p:1", 2);
        history.settle("d", QUEUE, "p:1").ok();
        finds("again", "d received what c had settled", "confirmed by event #4");
    }

    @Test
    void findsAMessageThatComesTwiceWhileConsumersLive() {
        // Given
        sent("p:1");
        history.received("c", QUEUE, "p:1", 1);
        history.settle("c", QUEUE, "p:1").unknown();
        history.received("d", QUEUE, "p:1", 2);
        history.settle("d", QUEUE, "p:1").ok();

        // When // Then
        checks();
        assertThat(new HistoryChecker(history).consumersLive().violations())
                .extracting(Violation::rule)
                .containsExactly("twice");
    }

    @Test
    void findsARedeliveryThatIsNotMarked() {
        sent("p:1");
        history.received("c", QUEUE, "p:1", 1);
        received("d", "p:1");
        finds("unmarked", "d received as new what c had received before");
    }

    @Test
    void findsAnInventedMessage() {
        history.received("c", QUEUE, "p:1", 1);
        finds("invented", "p:1");
    }

    @Test
    void findsAMessageThatIsReceivedBeforeItIsSent() {
        history.received("c", QUEUE, "p:1", 1);
        sent("p:1");
        assertThat(new HistoryChecker(history).violations())
                .extracting(Violation::rule)
                .contains("invented");
    }

    @Test
    void findsAMessageOfAnotherQueue() {
        history.send("p", "queue:other", "p:1").unknown();
        history.received("c", QUEUE, "p:1", 1);
        finds("invented", "p:1");
    }

    @Test
    void findsAMessageWhoseSendHadFailed() {
        history.send("p", QUEUE, "p:1").fail();
        received("c", "p:1");
        finds("failed", "p:1");
    }

    @Test
    void findsMessagesOutOfOrderWhereOrderIsAskedFor() {
        // Given
        sent("p:1");
        sent("q:1");
        sent("p:2");
        received("c", "p:2");
        received("c", "q:1");
        received("c", "p:1");

        // When // Then
        checks();
        assertThat(new HistoryChecker(history).ordered(QUEUE).violations())
                .singleElement()
                .satisfies(violation -> assertThat(violation.toString()).contains("order: c received p:1 after p:2"));
    }

    @Test
    void holdsASubscriptionToWhatWasSentSinceItIsThere() {
        // Given
        history.send("p", "topic:prices", "p:1").ok();
        history.subscribed("kept", "topic:prices");
        history.send("p", "topic:prices", "p:2").ok();
        history.send("p", "topic:prices", "p:3").ok();
        history.received("c", "kept", "p:3", 1);
        history.settle("c", "kept", "p:3").ok();

        // When // Then
        finds("lost", "p:2", "nobody received it from kept");
    }

    @Test
    void explainsWhatItFinds() {
        sent("p:1");
        assertThatThrownBy(() -> new HistoryChecker(history).check())
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("1 violations in a history of 2 events")
                .hasMessageContaining("p:1 was confirmed as sent, and nobody received it from queue:orders")
                .hasMessageContaining("p: send invoke p:1 at queue:orders")
                .hasMessageContaining("p: send ok p:1 at queue:orders");
    }

    // ---- the log

    @Test
    void acceptsALogThatHoldsWhatWasConfirmed() {
        appended("p:1", 0);
        history.append("p", LOG, "p:2").unknown(); // is not there
        appended("p:3", 1);
        history.append("p", LOG, "p:4"); // is there
        history.read("tail", LOG, 0, "p:1");
        readAll("p:1", "p:3", "p:4");
        checks();
    }

    @Test
    void findsALostRecord() {
        appended("p:1", 0);
        appended("p:2", 1);
        readAll("p:1");
        finds("lost", "p:2", "confirmed at offset 1");
    }

    @Test
    void findsAnOffsetThatHoldsSomethingElseThanItsProducerWasTold() {
        appended("p:1", 0);
        history.append("q", LOG, "q:1").unknown();
        readAll("q:1");
        finds("changed", "offset 0 held p:1, and then q:1");
    }

    @Test
    void findsAnOffsetThatIsReadDifferently() {
        history.append("p", LOG, "p:1").unknown();
        history.append("q", LOG, "q:1").unknown();
        history.read("tail", LOG, 0, "p:1");
        readAll("q:1");
        finds("changed", "offset 0 held p:1, and then q:1");
    }

    @Test
    void findsARecordThatVanishes() {
        history.append("p", LOG, "p:1").unknown();
        history.append("p", LOG, "p:2").unknown();
        history.read("tail", LOG, 0, "p:1");
        history.read("tail", LOG, 1, "p:2");
        readAll("p:1");
        finds("vanished", "p:2", "tail has read it at offset 1");
    }

    @Test
    void findsADoubledRecord() {
        history.append("p", LOG, "p:1").unknown();
        readAll("p:1", "p:1");
        assertThat(new HistoryChecker(history).violations())
                .extracting(Violation::rule)
                .containsExactlyInAnyOrder("doubled", "order");
    }

    @Test
    void findsRecordsOutOfOrder() {
        appended("p:1", 1);
        appended("p:2", 0);
        readAll("p:2", "p:1");
        finds("order", "p:1 lies at offset 1, behind p:2 at 0");
    }

    @Test
    void findsAnInventedRecordAndOneWhoseAppendHadFailed() {
        history.append("p", LOG, "p:1").fail();
        readAll("p:1", "p:2");
        assertThat(new HistoryChecker(history).violations())
                .extracting(Violation::rule)
                .containsExactlyInAnyOrder("failed", "invented");
    }

    @Test
    void refusesToJudgeALogThatWasNotReadToTheEnd() {
        readAll();
        appended("p:1", 0);
        assertThatThrownBy(this::checks)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("did not read all of log-0");
    }

    private void sent(String value) {
        history.send(value.substring(0, 1), QUEUE, value).ok();
    }

    private void received(String consumer, String value) {
        history.received(consumer, QUEUE, value, 1);
        history.settle(consumer, QUEUE, value).ok();
    }

    private void appended(String value, long offset) {
        history.append(value.substring(0, 1), LOG, value).ok(offset);
    }

    private void readAll(String... values) {
        History.Operation all = history.readAll("reader", LOG, 0);
        for (int i = 0; i < values.length; i++) {
            history.read("reader", LOG, i, values[i]);
        }
        all.ok(values.length);
    }

    private void checks() {
        new HistoryChecker(history).check();
    }

    private void finds(String rule, String... words) {
        List<Violation> found = new HistoryChecker(history).violations();
        assertThat(found).singleElement().satisfies(violation -> {
            assertThat(violation.rule()).isEqualTo(rule);
            assertThat(violation.what()).contains(words);
        });
    }
}
