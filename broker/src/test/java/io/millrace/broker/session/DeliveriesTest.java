package io.millrace.broker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.lane.Lane;
import io.millrace.broker.lane.VirtualLane;
import io.millrace.broker.partition.OpenPartition;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.DeliverResponseData;
import io.millrace.protocol.wire.Frames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A partition on another lane delivers while the connection's lane does something else. */
@SuppressWarnings("NullAway") // the session asks nothing of its services here
class DeliveriesTest {
    private static final int RUN_BYTES = 256 * 1024;
    private static final int MANY = 1000;

    private long elapsedMs;
    private final HandLane lane = new HandLane();
    private final VirtualLane other = new VirtualLane();
    private final RecordingConnection connection = new RecordingConnection();
    private final ConnectionSession session = new ConnectionSession(
            new SessionServices(
                    SessionConfig.of(BrokerConfig.of(Map.of()), "test"),
                    null,
                    new Registries(null, null, null, null, null, null, null, null),
                    null,
                    new Complaints(),
                    () -> elapsedMs),
            new ApiTable(List.of()),
            connection,
            lane,
            1);
    private final ClientConnection client = new ClientConnection(session, new UUID(1, 2), "somebody", 1);
    private final Deliveries deliveries = client.deliveries();

    @Test
    void takesNoMoreFromAnotherLaneThanOneAnswerUntilItsOwnLaneHasTurned() {
        // Given
        lane.isHere = true;
        deliveries.stand(1, 0);
        lane.isHere = false;

        // When
        int taken = deliverWhileTaken();

        // Then
        assertThat(taken).isEqualTo(4);
        lane.turn();
        lane.turn(); // it was refused, and is told
        assertThat(connection.takeAll().readableBytes()).isGreaterThan(4 * RUN_BYTES);
        assertThat(deliveries.isWritable()).isTrue();
    }

    @Test
    void givesBackWhatComesAfterTheEndOfTheConnection() {
        // Given
        lane.isHere = true;
        deliveries.stand(1, 0);
        lane.isHere = false;
        ByteBuf late = Unpooled.buffer().writeZero(10);
        deliveries.deliver(1, 1, late, Long.MAX_VALUE);

        // When
        lane.isHere = true;
        deliveries.close();
        lane.turn();

        // Then
        assertThat(late.refCnt()).isZero();
        assertThat(deliveries.isWritable()).isFalse();
    }

    @Test
    void sendsNothingThatIsTooLateAndEndsWhoWasToHaveIt() {
        // Given two consumers of one partition, and one of another
        HostedPartition late = new HostedPartition(new OpenPartition(new UUID(1, 1), other).partition, other);
        HostedPartition inTime = new HostedPartition(new OpenPartition(new UUID(1, 2), other).partition, other);
        client.addConsumer(new AttachedConsumer(1, late));
        client.addConsumer(new AttachedConsumer(2, late));
        client.addConsumer(new AttachedConsumer(3, inTime));
        ByteBuf lost = message();
        ByteBuf lostBeside = message();
        deliveries.deliver(1, 1, lost, 1000);
        deliveries.deliver(2, 1, lostBeside, 1001);
        deliveries.deliver(3, 1, message(), Long.MAX_VALUE);

        // When the process is paused before Deliver stands
        elapsedMs = 1000;
        lane.turn();
        lane.isHere = true;
        deliveries.stand(1, 0);
        lane.turn();

        // Then
        DeliverResponseData answer = answer();
        assertThat(answer.deliveries())
                .extracting(DeliverResponseData.ConsumerDeliveries::consumerId)
                .containsExactly(3);
        assertThat(answer.ended())
                .extracting(DeliverResponseData.EndedConsumer::consumerId)
                .containsExactly(1, 2);
        assertThat(answer.ended())
                .extracting(DeliverResponseData.EndedConsumer::errorCode)
                .containsOnly(ErrorCode.NOT_LEADER_OR_FOLLOWER.code());
        assertThat(lost.refCnt() + lostBeside.refCnt()).isZero();
    }

    @Test
    void confirmsASettlementBehindTheEndOfItsConsumerThoughNoDeliverStandsYet() {
        // Given
        lane.isHere = true;
        deliveries.ended(1, ErrorCode.NOT_LEADER_OR_FOLLOWER, "led elsewhere");
        List<Integer> bytesBeforeConfirmed = new ArrayList<>();

        // When
        deliveries.tellEnded(() -> bytesBeforeConfirmed.add(connection.takeAll().readableBytes()));
        lane.turn();

        // Then
        assertThat(bytesBeforeConfirmed).isEmpty();
        deliveries.stand(1, 0);
        lane.turn();
        assertThat(bytesBeforeConfirmed).singleElement().satisfies(bytes -> assertThat(bytes)
                .isPositive());
    }

    @Test
    void sendsWhatIsInTime() {
        // Given
        deliveries.deliver(1, 1, message(), 1000);
        elapsedMs = 999;
        lane.turn();

        // When
        lane.isHere = true;
        deliveries.stand(1, 0);
        lane.turn();

        // Then
        DeliverResponseData answer = answer();
        assertThat(answer.deliveries()).hasSize(1);
        assertThat(answer.ended()).isEmpty();
    }

    @Test
    void dropsWhatComesForAConsumerThatWasTooLateUntilItIsAttachedAgain() {
        // Given
        HostedPartition hosted = new HostedPartition(new OpenPartition(new UUID(1, 1), other).partition, other);
        client.addConsumer(new AttachedConsumer(1, hosted));
        lane.isHere = true;
        deliveries.stand(1, 0);
        elapsedMs = 1000;
        deliveries.deliver(1, 1, message(), 1000);
        lane.turn();
        connection.takeAll();

        // When
        ByteBuf onItsWay = message();
        deliveries.deliver(1, 1, onItsWay, 5000);
        lane.turn();
        deliveries.onAttached(1);
        deliveries.deliver(1, 1, message(), 5000);
        lane.turn();

        // Then
        assertThat(onItsWay.refCnt()).isZero();
        assertThat(answer().deliveries()).hasSize(1);
    }

    private static ByteBuf message() {
        return Unpooled.buffer().writeZero(10);
    }

    private DeliverResponseData answer() {
        DeliverResponseData answer = new DeliverResponseData();
        ByteBuf frame = connection.takeAll();
        Frames.readResponse((short) 0, frame.skipBytes(Frames.LENGTH_BYTES), answer);
        return answer;
    }

    private int deliverWhileTaken() {
        int taken = 0;
        while (taken < MANY && deliveries.isWritable()) {
            deliveries.deliver(1, 1, Unpooled.buffer().writeZero(RUN_BYTES), Long.MAX_VALUE);
            taken++;
        }
        return taken;
    }

    /** A lane that turns when it is told to. */
    private static final class HandLane implements Lane {
        private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
        private final ArrayDeque<Runnable> afterTurn = new ArrayDeque<>();
        private boolean isHere;

        void turn() {
            isHere = true;
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
            for (Runnable task = afterTurn.poll(); task != null; task = afterTurn.poll()) {
                task.run();
            }
            isHere = false;
        }

        @Override
        public void execute(Runnable task) {
            tasks.add(task);
        }

        @Override
        public boolean inLane() {
            return isHere;
        }

        @Override
        public long nowMs() {
            return 0;
        }

        @Override
        public void schedule(long atMs, Runnable task) {
            throw new UnsupportedOperationException("nothing here waits");
        }

        @Override
        public void endOfTurn(Runnable once) {
            afterTurn.add(once);
        }

        @Override
        public void afterTurn(Runnable once) {
            afterTurn.add(once);
        }
    }
}
