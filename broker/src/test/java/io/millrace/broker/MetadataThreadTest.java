package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetadataThreadTest {
    private final BlockingQueue<Throwable> faults = new LinkedBlockingQueue<>();
    private final MetadataThread thread = new MetadataThread(faults::add);

    @AfterEach
    void close() {
        thread.close();
    }

    @Test
    void keepsTheOrderOfTasksBesideTicks() throws Exception {
        // Given
        AutoCloseable ticks = thread.every(1, nowMs -> {});
        List<Integer> ran = new ArrayList<>();
        CompletableFuture<List<Integer>> all = new CompletableFuture<>();
        // When
        for (int i = 0; i < 1000; i++) {
            int number = i;
            thread.execute(() -> ran.add(number));
        }
        thread.execute(() -> all.complete(List.copyOf(ran)));
        // Then
        assertThat(all.get()).hasSize(1000).isSorted();
        ticks.close();
    }

    @Test
    void goesOnTickingAfterAFault() throws Exception {
        // Given
        CountDownLatch ticked = new CountDownLatch(3);
        // When
        AutoCloseable ticks = thread.every(1, nowMs -> {
            ticked.countDown();
            throw new IllegalStateException("a fault");
        });
        ticked.await();
        ticks.close();
        // Then
        assertThat(faults.take()).hasMessage("a fault");
    }
}
