package io.millrace.jms.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.DestinationName;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.HelloRequestData;
import io.millrace.protocol.message.HelloResponseData;
import io.millrace.protocol.message.ResolveDestinationRequestData;
import io.millrace.protocol.message.ResolveDestinationResponseData;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A queue of two partitions, whose leaders change one by one. */
class TwoLeadersTest {
    private static final int FIRST = EngineFixture.BROKER;
    private static final int SECOND = FIRST + 1;
    private static final int THIRD = FIRST + 2;

    private final EngineFixture broker = new EngineFixture("a:1");
    private final List<EngineFixture.Request> sends = new ArrayList<>();

    private static ResolveDestinationResponseData ledBy(int epoch, int... leaders) {
        List<ResolveDestinationResponseData.PartitionLeader> partitions = new ArrayList<>();
        List<ResolveDestinationResponseData.BrokerAddress> addresses = new ArrayList<>();
        for (int leader : leaders) {
            partitions.add(new ResolveDestinationResponseData.PartitionLeader()
                    .setIndex(partitions.size())
                    .setLeaderId(leader)
                    .setLeaderEpoch(epoch));
            addresses.add(new ResolveDestinationResponseData.BrokerAddress()
                    .setId(leader)
                    .setHost("host" + leader)
                    .setPort(leader));
        }
        return EngineFixture.resolved(EngineFixture.TOPIC, FIRST)
                .setPartitions(partitions)
                .setBrokers(addresses);
    }

    private int connect(int brokerId) {
        broker.connected();
        broker.answer(
                broker.nextRequest(HelloRequestData.class),
                new HelloResponseData().setBrokerId(brokerId).setMaxFrameBytes(1 << 20));
        return broker.channel;
    }

    private void breakOff(int channel) {
        broker.engine.onDisconnected(channel, "broken", broker.nowMs);
        broker.turn();
    }

    @Test
    void turnsToANewLeaderAlsoWhileTheOneBeforeIsNotKnownToBeLost() {
        // Given
        broker.open();
        int first = broker.channel;
        EngineFixture.Kept<Destination> queue = new EngineFixture.Kept<>();
        broker.engine.resolve(DestinationName.queue("q"), queue, broker.nowMs);
        broker.turn();
        broker.answer(broker.nextRequest(ResolveDestinationRequestData.class), ledBy(1, FIRST, SECOND));
        int second = connect(SECOND);
        EngineFixture.KeptSend send = broker.sendNow(queue.value, "one");
        assertThat(broker.nextSend().channel()).isEqualTo(first);

        // When the leader of the other partition is lost, it hears that this one is led by a third broker
        breakOff(second);
        broker.advance(1000);
        broker.answer(broker.nextRequest(ResolveDestinationRequestData.class), ledBy(2, THIRD, FIRST));
        int third = connect(THIRD);
        breakOff(first);

        // Then
        EngineFixture.Request again = broker.nextSend();
        assertThat(again.channel()).isEqualTo(third);
        broker.answerSend(again, ErrorCode.NONE);
        assertThat(send.isSent).isTrue();
    }

    @Test
    void theTimeWithoutALeaderIsCountedAnewAfterItWasOver() {
        // Given one answer that lags for a partition to which there is a link all the time
        broker.open();
        int leader = broker.channel;
        EngineFixture.Kept<Destination> queue = new EngineFixture.Kept<>();
        broker.engine.resolve(DestinationName.queue("q"), queue, broker.nowMs);
        broker.turn();
        broker.answer(broker.nextRequest(ResolveDestinationRequestData.class), ledBy(1, FIRST, SECOND));
        connect(SECOND);
        EngineFixture.KeptSend first = broker.sendNow(queue.value, "one");
        broker.answerSend(broker.nextSend(), ErrorCode.NOT_LEADER_OR_FOLLOWER);
        ResolveDestinationResponseData lagging = ledBy(1, FIRST, SECOND);
        lagging.partitions().get(1).setLeaderEpoch(0);
        answerAll(lagging, 100);
        answerAll(ledBy(1, FIRST, SECOND), 2_000);
        broker.answerSend(sends.remove(0), ErrorCode.NONE);
        assertThat(first.isSent).isTrue();

        // When a leader is lost long after
        broker.advance(400_000);
        EngineFixture.KeptSend send = broker.sendNow(queue.value, "two");
        broker.requests.clear();
        breakOff(leader);
        answerAll(ledBy(2, -1, SECOND), 2_000);

        // Then
        assertThat(send.failure).isNull();
    }

    private void answerAll(ResolveDestinationResponseData answer, long forMs) {
        long endMs = broker.nowMs + forMs;
        while (broker.nowMs < endMs) {
            broker.advance(1);
            while (!broker.requests.isEmpty()) {
                EngineFixture.Request request = broker.requests.remove();
                if (request.message() instanceof ResolveDestinationRequestData) {
                    broker.answer(request, answer);
                } else {
                    sends.add(request);
                }
            }
        }
    }
}
