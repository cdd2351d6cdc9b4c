package io.millrace.broker.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NettyLaneTest {
    private final List<Throwable> faults = new CopyOnWriteArrayList<>();
    private final Lanes lanes = Lanes.start(2, 1024 * 1024, true, faults::add);

    @AfterEach
    void close() {
        lanes.close();
    }

    @Test
    void endsATurnOnceForAllItsInputs() throws Exception {
        // Given
        NettyLane lane = lanes.lane(0);
        List<String> trace = new ArrayList<>();
        CompletableFuture<Void> flushed = new CompletableFuture<>();
        lane.onHandOver(() -> trace.add("hand over"));

        // When
        lane.execute(() -> {
            for (int input = 0; input < 3; input++) {
                String name = "input " + input;
                lane.execute(() -> {
                    trace.add(name);
                    lane.endOfTurn(() -> {
                        trace.add("end of " + name);
                        if (name.endsWith("2")) {
                            lane.endOfTurn(() -> trace.add("asked for at the end"));
                        }
                    });
                    lane.afterTurn(() -> trace.add("after " + name));
                });
            }
            lane.execute(() -> lane.afterTurn(() -> flushed.complete(null)));
        });
        flushed.get(10, TimeUnit.SECONDS);

        // Then
        assertThat(trace)
                .containsExactly(
                        "input 0",
                        "input 1",
                        "input 2",
                        "end of input 0",
                        "end of input 1",
                        "end of input 2",
                        "asked for at the end",
                        "hand over",
                        "after input 0",
                        "after input 1",
                        "after input 2");
    }

    @Test
    void reportsWhatATaskThrowsAndGoesOn() throws Exception {
        // Given
        NettyLane lane = lanes.lane(1);
        CompletableFuture<Void> done = new CompletableFuture<>();

        // When
        lane.execute(() -> {
            lane.endOfTurn(() -> {
                throw new IllegalStateException("planted");
            });
            lane.endOfTurn(() -> done.complete(null));
        });
        done.get(10, TimeUnit.SECONDS);

        // Then
        assertThat(faults).singleElement().satisfies(fault -> assertThat(fault).hasMessage("planted"));
    }

    @Test
    void pinsAPartitionToOneLane() {
        java.util.UUID topic = new java.util.UUID(1, 2);
        assertThat(lanes.laneOf(topic, 0)).isSameAs(lanes.laneOf(topic, 0));
        assertThat(lanes.laneOf(topic, 0)).isNotSameAs(lanes.laneOf(topic, 1));
    }
}
