package io.millrace.jms.session;

import io.millrace.jms.engine.Attachment;
import io.millrace.jms.engine.ConnectionEngine;
import io.millrace.jms.engine.Delivery;
import io.millrace.jms.engine.DeliverySink;
import io.millrace.jms.engine.EngineException;
import io.millrace.jms.engine.PartitionAttachment;
import io.millrace.jms.transport.EngineThread;
import io.millrace.protocol.SettlementKind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The messages that a consumer has ahead of the application, between the engine's thread that fills it and the thread
 * that receives. It hands out nothing while the connection is stopped, or while the broker is out of reach: what it holds
 * might be given to another consumer in the meantime.
 *
 * <p>What was taken and settled gathers in an {@link EngineReport} that one task carries to the engine: at once where
 * each message is acknowledged by itself, lazily otherwise. Any thread may call; one lock guards it all.
 */
final class ConsumerBuffer implements DeliverySink {
    private static final long LAZY_MS = 100;
    private static final int LAZY_SETTLEMENTS = 100;

    private final EngineThread thread;
    private final boolean isLazy;
    private final int reportMessages;
    private final long reportBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Received> again = new ArrayDeque<>();
    private final ArrayDeque<Delivery> ready = new ArrayDeque<>();
    private final EngineThread.Command sendReport = this::report;
    private EngineReport report = new EngineReport();
    private boolean isReportScheduled;
    private boolean isLazyReportScheduled;
    private boolean isRunning;
    private boolean isSuspended;
    private boolean isClosed;
    private boolean isDrained;
    private int waiting;
    private @Nullable EngineException ended;
    private volatile @Nullable Runnable listener;

    /** Deliveries of the input that the engine handles; its thread's own. */
    private final List<Delivery> incoming = new ArrayList<>();

    /** Set on the engine's thread before anything is delivered. */
    private @Nullable Attachment attachment;

    /**
     * A buffer of nothing.
     *
     * @param isLazy whether settlements may wait a little (DUPS_OK_ACKNOWLEDGE)
     */
    ConsumerBuffer(EngineThread thread, boolean isLazy, int prefetch, int prefetchBytes) {
        this.thread = thread;
        this.isLazy = isLazy;
        this.reportMessages = Math.max(1, prefetch / 4);
        this.reportBytes = Math.max(1, prefetchBytes / 4);
    }

    void attached(Attachment attached) {
        attachment = attached;
    }

    Attachment attachment() {
        Attachment attached = attachment;
        if (attached == null) {
            throw new IllegalStateException("not attached");
        }
        return attached;
    }

    /** Tells who is to be woken when there are messages; null for nobody. It is called without the lock. */
    void setListener(@Nullable Runnable wake) {
        listener = wake;
        if (wake != null) {
            wake.run();
        }
    }

    // ---- for the application's threads

    /**
     * The next message, or null if there is none in time, the consumer is closed, or the broker ended it. It stays
     * unsettled.
     */
    @Nullable
    Received poll(long timeoutNs) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long leftNs = timeoutNs;
            while (true) {
                Received received = take();
                if (received != null || isOver() || leftNs <= 0) {
                    return received;
                }
                waiting++;
                try {
                    leftNs = changed.awaitNanos(leftNs);
                } finally {
                    waiting--;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** The next message, or null if neither the buffer nor the broker has one now. It stays unsettled. */
    @Nullable
    Received pollNow(long timeoutMs) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            Received received = take();
            if (received != null || !isRunning || isSuspended || isOver()) {
                return received;
            }
            isDrained = false;
            thread.execute((engine, nowMs) -> engine.drain(attachment(), nowMs));
            long leftNs = TimeUnit.MILLISECONDS.toNanos(timeoutMs);
            while (true) {
                received = take();
                if (received != null || isDrained || isSuspended || isOver() || leftNs <= 0) {
                    return received;
                }
                waiting++;
                try {
                    leftNs = changed.awaitNanos(leftNs);
                } finally {
                    waiting--;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isOver() {
        return isClosed || ended != null;
    }

    private @Nullable Received take() {
        if (!isRunning || isSuspended || isOver()) {
            return null;
        }
        Received retried = again.poll();
        if (retried != null) {
            return retried;
        }
        while (true) {
            Delivery delivery = ready.poll();
            if (delivery == null) {
                return null;
            }
            report.consume(delivery.source(), delivery.sizeBytes());
            if (!Expiration.isOver(delivery)) {
                if (report.messages() >= reportMessages || report.bytes() >= reportBytes) {
                    scheduleReport();
                }
                return new Received(delivery, 0);
            }
            // The broker sees to it that it is never delivered, and says so to whoever asks.
            report.settle(delivery.source(), SettlementKind.RELEASE, delivery.offset());
            scheduleReport();
        }
    }

    /** Settles a message that was handed out. */
    void settle(Received received, SettlementKind kind) {
        lock.lock();
        try {
            Delivery delivery = received.delivery();
            report.settle(delivery.source(), kind, delivery.offset());
            if (isLazy && kind == SettlementKind.ACCEPT && report.settlements() < LAZY_SETTLEMENTS) {
                scheduleLazyReport();
            } else {
                scheduleReport();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Takes back messages that were handed out, to be handed out again first, in this order. */
    void putBack(List<Received> messages) {
        lock.lock();
        try {
            if (isClosed) {
                messages.forEach(this::fail);
                scheduleReport();
                return;
            }
            for (int i = messages.size() - 1; i >= 0; i--) {
                again.addFirst(messages.get(i));
            }
            wakeReceivers();
        } finally {
            lock.unlock();
        }
        wakeListener();
    }

    void start() {
        lock.lock();
        try {
            isRunning = true;
            wakeReceivers();
        } finally {
            lock.unlock();
        }
        wakeListener();
    }

    /** From the return on nothing is handed out. */
    void stop() {
        lock.lock();
        try {
            isRunning = false;
        } finally {
            lock.unlock();
        }
    }

    /** Hands out nothing any more, and gives back what the application has not seen. */
    void close() {
        lock.lock();
        try {
            isClosed = true;
            giveBack(ready);
            again.forEach(this::fail);
            again.clear();
            scheduleReport();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void fail(Received seen) {
        Delivery delivery = seen.delivery();
        report.settle(delivery.source(), SettlementKind.FAIL, delivery.offset());
    }

    private void giveBack(Collection<Delivery> deliveries) {
        for (Delivery delivery : deliveries) {
            report.consume(delivery.source(), delivery.sizeBytes());
            report.settle(delivery.source(), SettlementKind.RELEASE, delivery.offset());
        }
        deliveries.clear();
    }

    /** Why the broker ended the consumer, or null. */
    @Nullable
    EngineException ended() {
        lock.lock();
        try {
            return ended;
        } finally {
            lock.unlock();
        }
    }

    // ---- to the engine

    private void scheduleReport() {
        if (!isReportScheduled) {
            isReportScheduled = true;
            thread.execute(sendReport);
        }
    }

    private void scheduleLazyReport() {
        if (!isReportScheduled && !isLazyReportScheduled) {
            isLazyReportScheduled = true;
            thread.executeLater(sendReport, LAZY_MS);
        }
    }

    /** Tells the engine what gathered, on its thread. */
    void report(ConnectionEngine engine, long nowMs) {
        EngineReport due;
        lock.lock();
        try {
            isReportScheduled = false;
            isLazyReportScheduled = false;
            if (report.isEmpty()) {
                return;
            }
            due = report;
            report = new EngineReport();
        } finally {
            lock.unlock();
        }
        due.tell(engine, nowMs);
    }

    private void wakeReceivers() {
        if (waiting > 0) {
            changed.signalAll();
        }
    }

    private void wakeListener() {
        Runnable wake = listener;
        if (wake != null) {
            wake.run();
        }
    }

    // ---- from the engine

    @Override
    public void onDelivery(Delivery delivery) {
        incoming.add(delivery);
    }

    @Override
    public void onDeliveriesEnd() {
        if (incoming.isEmpty()) {
            return;
        }
        lock.lock();
        try {
            if (isClosed) {
                giveBack(incoming);
                scheduleReport();
                return;
            }
            ready.addAll(incoming);
            incoming.clear();
            wakeReceivers();
        } finally {
            lock.unlock();
        }
        wakeListener();
    }

    @Override
    public void onSuspended() {
        lock.lock();
        try {
            isSuspended = true;
            wakeReceivers();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onResumed() {
        lock.lock();
        try {
            isSuspended = false;
            wakeReceivers();
        } finally {
            lock.unlock();
        }
        wakeListener();
    }

    @Override
    public void onLost(PartitionAttachment source, long first, long last) {
        lock.lock();
        try {
            for (Iterator<Delivery> all = ready.iterator(); all.hasNext(); ) {
                Delivery delivery = all.next();
                if (isWithin(delivery, source, first, last)) {
                    all.remove();
                    report.consume(delivery.source(), delivery.sizeBytes());
                    scheduleReport();
                }
            }
            again.removeIf(received -> isWithin(received.delivery(), source, first, last));
        } finally {
            lock.unlock();
        }
    }

    private static boolean isWithin(Delivery delivery, PartitionAttachment source, long first, long last) {
        return delivery.source() == source && delivery.offset() >= first && delivery.offset() <= last;
    }

    @Override
    public void onDrained() {
        lock.lock();
        try {
            isDrained = true;
            wakeReceivers();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onEnded(EngineException cause) {
        lock.lock();
        try {
            ended = cause;
            ready.clear();
            again.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
