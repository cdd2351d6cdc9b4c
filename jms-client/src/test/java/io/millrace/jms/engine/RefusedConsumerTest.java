package io.millrace.jms.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.jms.engine.EngineFixture.Kept;
import io.millrace.jms.engine.EngineFixture.KeptSink;
import io.millrace.jms.engine.EngineFixture.Request;
import io.millrace.protocol.DestinationName;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.SettlementKind;
import io.millrace.protocol.SubscriptionKind;
import io.millrace.protocol.message.AttachRequestData;
import io.millrace.protocol.message.AttachResponseData;
import io.millrace.protocol.message.DeliverRequestData;
import io.millrace.protocol.message.DetachRequestData;
import io.millrace.protocol.message.DetachResponseData;
import io.millrace.protocol.message.ResolveDestinationRequestData;
import io.millrace.protocol.message.ResolveDestinationResponseData;
import io.millrace.protocol.wire.RequestHeader;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A consumer of two partitions, refused at the first while it is attaching at the second. */
class RefusedConsumerTest {
    private final EngineFixture broker = new EngineFixture();
    private final KeptSink sink = new KeptSink();
    private final Kept<Done> attached = new Kept<>();
    private Destination queue;
    private Attachment attachment;

    @BeforeEach
    void attach() {
        broker.open();
        queue = resolve();
        attachment = broker.engine.attach(
                queue,
                new AttachSpec(SubscriptionKind.QUEUE, null, null, false, 10, 1_000),
                sink,
                true,
                attached,
                broker.nowMs);
        broker.turn();
    }

    private Destination resolve() {
        Kept<Destination> resolved = new Kept<>();
        broker.engine.resolve(DestinationName.queue("q"), resolved, broker.nowMs);
        broker.turn();
        answerResolve();
        return resolved.value;
    }

    private void answerResolve() {
        ResolveDestinationResponseData.PartitionLeader leader = new ResolveDestinationResponseData.PartitionLeader()
                .setLeaderId(EngineFixture.BROKER)
                .setLeaderEpoch(1);
        broker.answer(
                broker.nextRequest(ResolveDestinationRequestData.class),
                EngineFixture.resolved(EngineFixture.TOPIC, EngineFixture.BROKER)
                        .setPartitions(List.of(
                                leader.duplicate().setIndex(0),
                                leader.duplicate().setIndex(1))));
    }

    /** One that another consumer of the connection has had stand for long. */
    private static Request standingDeliver(Request other) {
        DeliverRequestData deliver = new DeliverRequestData();
        return new Request(other.channel(), new RequestHeader(deliver.apiKey(), (short) 0, -1, null), deliver);
    }

    private void refuse(Request attach) {
        broker.answer(attach, new AttachResponseData().setErrorCode(ErrorCode.INVALID_SELECTOR.code()));
    }

    @Test
    void isDetachedWhereItWasAttachingWhenTheAnswerComes() {
        // Given
        Request first = broker.nextRequest(AttachRequestData.class);
        Request second = broker.nextRequest(AttachRequestData.class);
        refuse(first);
        assertThat(attached.failure.code()).isEqualTo(ErrorCode.INVALID_SELECTOR);
        assertThat(broker.requests).isEmpty();

        // When
        broker.answer(second, new AttachResponseData());

        // Then
        Request detach = broker.nextRequest(DetachRequestData.class);
        assertThat(((DetachRequestData) detach.message()).consumerId())
                .isEqualTo(((AttachRequestData) second.message()).consumerId());
        broker.answer(detach, new DetachResponseData());
        assertThat(attachment.isOver()).isTrue();
    }

    @Test
    void doesNotSpeakOfAnAttachThatIsRefusedToo() {
        // Given
        Request first = broker.nextRequest(AttachRequestData.class);
        Request second = broker.nextRequest(AttachRequestData.class);
        refuse(first);

        // When
        refuse(second);

        // Then
        assertThat(broker.requests).isEmpty();
        assertThat(attachment.isOver()).isTrue();
    }

    @Test
    void takesNoDeliveryThatOvertakesTheAnswer() {
        // Given
        Request first = broker.nextRequest(AttachRequestData.class);
        Request second = broker.nextRequest(AttachRequestData.class);
        int secondId = ((AttachRequestData) second.message()).consumerId();
        refuse(first);

        // When
        broker.deliver(standingDeliver(second), EngineFixture.deliveries(secondId, 0));

        // Then
        assertThat(sink.deliveries).isEmpty();
    }

    @Test
    void isOverWhenTheLinkIsLostBeforeTheAnswer() {
        // Given
        refuse(broker.nextRequest(AttachRequestData.class));

        // When
        broker.reconnect();

        // Then
        assertThat(attachment.isOver()).isTrue();
        assertThat(broker.requests).isEmpty();
    }

    @Test
    void takesWhatItSettlesMeanwhileAlongWhenItIsDetached() {
        // Given
        Request first = broker.nextRequest(AttachRequestData.class);
        broker.answer(first, new AttachResponseData());
        Request second = broker.nextRequest(AttachRequestData.class);
        broker.answer(second, new AttachResponseData());
        int secondId = ((AttachRequestData) second.message()).consumerId();
        broker.deliver(broker.nextRequest(DeliverRequestData.class), EngineFixture.deliveries(secondId, 0));
        broker.requests.clear();
        broker.reconnect();
        answerResolve();
        refuse(broker.nextRequest(AttachRequestData.class));
        Request again = broker.nextRequest(AttachRequestData.class);
        assertThat(sink.ended.code()).isEqualTo(ErrorCode.INVALID_SELECTOR);

        // When
        broker.engine.settle(sink.deliveries.get(0).source(), SettlementKind.ACCEPT, 0, 0, broker.nowMs);
        Kept<Done> settled = new Kept<>();
        broker.engine.awaitSettled(List.of(attachment), settled, broker.nowMs);
        broker.turn();
        broker.answer(again, new AttachResponseData());

        // Then
        Request detach = broker.nextRequest(DetachRequestData.class);
        assertThat(((DetachRequestData) detach.message()).settlements())
                .extracting(s -> s.consumerId() + ":" + s.firstOffset() + "-" + s.lastOffset())
                .containsExactly(secondId + ":0-0");
        broker.answer(detach, new DetachResponseData());
        assertThat(settled.value).isEqualTo(Done.DONE);
    }
}
