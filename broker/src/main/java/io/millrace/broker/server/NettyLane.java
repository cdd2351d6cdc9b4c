package io.millrace.broker.server;

import io.millrace.broker.lane.Lane;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A lane on a Netty event loop. A turn is one pass of the loop: it reads every channel that has bytes, then runs the tasks that wait.
 * Whatever input first asks for the end of the turn puts it at the tail of those tasks, so that all frames read in the pass share one
 * journal frame, and every connection written to is flushed once.
 *
 * <p>{@link #execute} and {@link #inLane} are for any thread; the rest is owned by the event loop.
 */
public final class NettyLane implements Lane {
    private final EventLoop loop;
    private final InFlightBudget budget;
    private final Consumer<Throwable> faults;
    private final ArrayDeque<Runnable> endOfTurn = new ArrayDeque<>();
    private final ArrayDeque<Runnable> afterTurn = new ArrayDeque<>();
    private final List<NettyConnection> unflushed = new ArrayList<>();
    private final ConnectionList connections;
    private final Runnable turnEnd = this::endTurn;
    private Runnable handOver = () -> {};
    private Runnable relief = () -> {};
    private boolean turnEndQueued;

    NettyLane(EventLoop loop, InFlightBudget budget, Consumer<Throwable> faults) {
        this.loop = loop;
        this.budget = budget;
        this.faults = faults;
        this.connections = new ConnectionList(this, budget);
    }

    /** Sets what hands the turn's journal frame over. Called once, before the lane has inputs. */
    public void onHandOver(Runnable handOver) {
        this.handOver = handOver;
    }

    /** Sets what gives memory back that is only kept to be faster, in the lane. Called once, before the lane has inputs. */
    public void onMemoryShort(Runnable giveBack) {
        this.relief = giveBack;
    }

    /** Gives back what can be had again. For any thread. */
    void relieve() {
        execute(relief);
    }

    @Override
    public void execute(Runnable task) {
        try {
            loop.execute(() -> run(task));
        } catch (RejectedExecutionException e) {
            // The broker is closing: nobody waits for the task any more.
        }
    }

    @Override
    public boolean inLane() {
        return loop.inEventLoop();
    }

    @Override
    public long nowMs() {
        return System.currentTimeMillis();
    }

    @Override
    public void schedule(long atMs, Runnable task) {
        try {
            Future<?> unused = loop.schedule(() -> run(task), Math.max(0, atMs - nowMs()), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // As in execute.
        }
    }

    @Override
    public void endOfTurn(Runnable once) {
        endOfTurn.add(once);
        queueTurnEnd();
    }

    @Override
    public void afterTurn(Runnable once) {
        afterTurn.add(once);
        queueTurnEnd();
    }

    EventLoop loop() {
        return loop;
    }

    InFlightBudget budget() {
        return budget;
    }

    ConnectionList connections() {
        return connections;
    }

    /** Flushes the connection at the end of the turn. */
    void flushLater(NettyConnection connection) {
        unflushed.add(connection);
        queueTurnEnd();
    }

    /** Runs what belongs to the broker's logic: a fault in it is the broker's own and goes to the fault handler. */
    void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            faults.accept(e);
        }
    }

    private void queueTurnEnd() {
        if (!turnEndQueued) {
            turnEndQueued = true;
            try {
                loop.execute(turnEnd);
            } catch (RejectedExecutionException e) {
                // As in execute.
            }
        }
    }

    private void endTurn() {
        runAll(endOfTurn);
        run(handOver);
        runAll(afterTurn);
        for (int i = 0; i < unflushed.size(); i++) { // grows if a flush changes a connection's writability
            unflushed.get(i).flush();
        }
        unflushed.clear();
        turnEndQueued = false;
        if (!endOfTurn.isEmpty() || !afterTurn.isEmpty()) {
            queueTurnEnd();
        }
        connections.onEndOfTurn();
    }

    private void runAll(ArrayDeque<Runnable> tasks) {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            run(task);
        }
    }
}
