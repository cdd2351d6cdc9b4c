package io.millrace.broker.disk;

import io.millrace.broker.lane.Lane;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** A lane with a plain thread, for tests of the journal alone. */
final class ThreadLane implements Lane, AutoCloseable {
    private final BlockingQueue<Runnable> inputs = new LinkedBlockingQueue<>();
    private final ArrayDeque<Runnable> endOfTurn = new ArrayDeque<>();
    private final Thread thread = new Thread(this::loop, "test-lane");
    private Runnable handOver = () -> {};
    private volatile boolean closed;
    private volatile Throwable fault;

    void start(Runnable handOver) {
        this.handOver = handOver;
        thread.setDaemon(true);
        thread.start();
    }

    private void loop() {
        List<Runnable> turn = new ArrayList<>();
        try {
            while (!closed) {
                turn.add(inputs.take());
                inputs.drainTo(turn);
                turn.forEach(Runnable::run);
                turn.clear();
                for (Runnable once = endOfTurn.poll(); once != null; once = endOfTurn.poll()) {
                    once.run();
                }
                handOver.run();
            }
        } catch (Throwable e) {
            fault = e;
        }
    }

    Throwable fault() {
        return fault;
    }

    @Override
    public void execute(Runnable task) {
        inputs.add(task);
    }

    @Override
    public boolean inLane() {
        return Thread.currentThread() == thread;
    }

    @Override
    public long nowMs() {
        return System.currentTimeMillis();
    }

    @Override
    public void schedule(long atMs, Runnable task) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void endOfTurn(Runnable once) {
        endOfTurn.add(once);
    }

    @Override
    public void afterTurn(Runnable once) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        execute(() -> closed = true);
    }
}
