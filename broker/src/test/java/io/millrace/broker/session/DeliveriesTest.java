package io.millrace.broker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.lane.Lane;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A partition on another lane delivers while the connection's lane does something else. */
@SuppressWarnings("NullAway") // the session asks nothing of its services here
class DeliveriesTest {
    private static final int RUN_BYTES = 256 * 1024;
    private static final int MANY = 1000;

    private final HandLane lane = new HandLane();
    private final RecordingConnection connection = new RecordingConnection();
    private final ConnectionSession session = new ConnectionSession(
            new SessionServices(
                    SessionConfig.of(BrokerConfig.of(Map.of()), "test"),
                    null,
                    new Registries(null, null, null, null, null),
                    null,
                    new Complaints()),
            new ApiTable(List.of()),
            connection,
            lane);
    private final Deliveries deliveries = new ClientConnection(session, new UUID(1, 2), "somebody", 1).deliveries();

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
        deliveries.deliver(1, 1, late);

        // When
        lane.isHere = true;
        deliveries.close();
        lane.turn();

        // Then
        assertThat(late.refCnt()).isZero();
        assertThat(deliveries.isWritable()).isFalse();
    }

    private int deliverWhileTaken() {
        int taken = 0;
        while (taken < MANY && deliveries.isWritable()) {
            deliveries.deliver(1, 1, Unpooled.buffer().writeZero(RUN_BYTES));
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
