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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The messages that a consumer has ahead of the application, between the engine's thread that fills it and the thread
 * that receives. It hands out nothing while the connection is stopped, or while the broker is out of reach: what it holds
 * might be given to another consumer in the meantime.
 *
 * <p>A message is in hand from {@link #poll} until {@link #handedOver}, and out until it is settled or put back. Who closes
 * or stops a consumer waits until nothing is in hand: then each message is either the application's or still here to be
 * given back, and never both.
 *
 * <p>What was taken and settled gathers in an {@link EngineReport} that one task carries to the engine: at once where
 * each message is acknowledged by itself, and then the {@link SettlementGate} keeps further messages back where reports
 * lag behind; lazily otherwise. Any thread may call; one lock guards it all.
 */
final class ConsumerBuffer implements DeliverySink {
    private static final long LAZY_MS = 100;
    private static final int LAZY_SETTLEMENTS = 100;

    /** How long a receive whose time is up waits for the event loop, so that it does not miss a message that is here. */
    private static final long GATE_PATIENCE_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private final EngineThread thread;
    private final SettlementGate gate;
    private final LossListener losses;
    private final boolean isLazy;
    private final int reportMessages;
    private final long reportBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Received> again = new ArrayDeque<>();
    private final ArrayDeque<Delivery> ready = new ArrayDeque<>();
    private final Set<Received> out = new LinkedHashSet<>();
    private final EngineThread.Command sendReport = this::report;
    private EngineReport report = new EngineReport();
    private boolean isReportScheduled;
    private boolean isLazyReportScheduled;
    private boolean isRunning;
    private boolean isSuspended;
    private volatile boolean isShut;
    private boolean isClosed;
    private boolean isDrained;
    private int waiting;
    private int inHand;
    /** The number of the last settlement in the report, or 0. */
    private long unwritten;

    private @Nullable EngineException ended;
    private volatile @Nullable Runnable listener;

    /** Deliveries of the input that the engine handles; its thread's own. */
    private final List<Delivery> incoming = new ArrayList<>();

    /** Set on the engine's thread before anything is delivered. */
    private @Nullable Attachment attachment;

    /** Hears of messages that the application has seen and that are another consumer's now. On the engine's thread. */
    interface LossListener {
        void onLost(long messages, long firstOffset, long lastOffset);
    }

    /**
     * A buffer of nothing.
     *
     * @param isLazy whether settlements may wait a little (DUPS_OK_ACKNOWLEDGE)
     */
    ConsumerBuffer(
            EngineThread thread,
            SettlementGate gate,
            LossListener losses,
            boolean isLazy,
            int prefetch,
            int prefetchBytes) {
        this.thread = thread;
        this.gate = gate;
        this.losses = losses;
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
     * The next message, or null if there is none in time, the consumer is closed, or the broker ended it. It is in hand
     * until {@link #handedOver}.
     */
    @Nullable
    Received poll(long timeoutNs) throws InterruptedException {
        return poll(timeoutNs, Math.max(timeoutNs, GATE_PATIENCE_NS));
    }

    /** The next message if there is one here, for a listener. It is in hand until {@link #handedOver}. */
    @Nullable
    Received pollHere() throws InterruptedException {
        return poll(0, Long.MAX_VALUE);
    }

    private @Nullable Received poll(long timeoutNs, long gateNs) throws InterruptedException {
        long startNs = System.nanoTime();
        while (awaitAvailable(timeoutNs - (System.nanoTime() - startNs), false) && gate.await(gateNs, () -> isShut)) {
            Received received = take();
            if (received != null) {
                return received;
            }
        }
        return null;
    }

    /**
     * The next message, or null if neither the buffer nor the broker has one now. It is in hand until
     * {@link #handedOver}.
     */
    @Nullable
    Received pollNow(long timeoutMs) throws InterruptedException {
        long timeoutNs = TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        Received received = poll(0, timeoutNs);
        if (received != null || !askToDrain()) {
            return received;
        }
        long startNs = System.nanoTime();
        while (true) {
            boolean isLast = !awaitAvailable(timeoutNs - (System.nanoTime() - startNs), true);
            received = poll(0, timeoutNs);
            if (received != null || isLast) {
                return received;
            }
        }
    }

    private boolean askToDrain() {
        lock.lock();
        try {
            if (!isRunning || isSuspended || isOver()) {
                return false;
            }
            isDrained = false;
            thread.execute((engine, nowMs) -> engine.drain(attachment(), nowMs));
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until there is a message. Returns false if there is none in time or none is to be expected. */
    private boolean awaitAvailable(long timeoutNs, boolean untilDrained) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long leftNs = timeoutNs;
            while (!isAvailable()) {
                if (isOver() || leftNs <= 0 || (untilDrained && (isDrained || isSuspended))) {
                    return false;
                }
                waiting++;
                try {
                    leftNs = changed.awaitNanos(leftNs);
                } finally {
                    waiting--;
                }
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private boolean isAvailable() {
        return isRunning && !isSuspended && !isOver() && !(again.isEmpty() && ready.isEmpty());
    }

    private boolean isOver() {
        return isShut || ended != null;
    }

    private @Nullable Received take() {
        lock.lock();
        try {
            if (!isAvailable()) {
                return null;
            }
            Received received = again.isEmpty() ? takeReady() : again.remove();
            if (received != null) {
                inHand++;
                out.add(received);
            }
            return received;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Received takeReady() {
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

    /** What {@link #poll} gave is settled, put back, or noted as unacknowledged. */
    void handedOver() {
        lock.lock();
        try {
            inHand--;
            if (inHand == 0) {
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits until nothing is in hand. Not for whoever has something in hand. */
    void awaitHandedOver() {
        lock.lock();
        try {
            while (inHand > 0) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Settles a message that was handed out. */
    void settle(Received received, SettlementKind kind) {
        lock.lock();
        try {
            settleOut(received, kind);
            if (isLazy && kind == SettlementKind.ACCEPT && report.settlements() < LAZY_SETTLEMENTS) {
                scheduleLazyReport();
            } else {
                scheduleReport();
            }
        } finally {
            lock.unlock();
        }
    }

    private void settleOut(Received received, SettlementKind kind) {
        out.remove(received);
        if (received.isLost()) {
            return;
        }
        Delivery delivery = received.delivery();
        report.settle(delivery.source(), kind, delivery.offset());
        if (!isLazy) {
            unwritten = gate.issue();
        }
    }

    /**
     * Takes back messages that were handed out, to be handed out again first, in this order, and with a higher delivery
     * count. Those that were lost meanwhile are another consumer's.
     */
    void putBack(List<Received> messages) {
        putBack(messages, true);
    }

    /** Takes back a message that the application has not seen. */
    void putBackUnseen(Received message) {
        putBack(List.of(message), false);
    }

    private void putBack(List<Received> messages, boolean isSeen) {
        lock.lock();
        try {
            if (isClosed) {
                messages.forEach(message -> settleOut(message, isSeen ? SettlementKind.FAIL : SettlementKind.RELEASE));
                scheduleReport();
                return;
            }
            for (int i = messages.size() - 1; i >= 0; i--) {
                Received message = messages.get(i);
                out.remove(message);
                if (!message.isLost()) {
                    again.addFirst(isSeen ? message.again() : message);
                }
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

    /** Hands out nothing any more: who waits for a message gets none. */
    void shut() {
        lock.lock();
        try {
            isShut = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        gate.wake();
    }

    /** Shuts, and gives back what the application has not seen. */
    void close() {
        shut();
        lock.lock();
        try {
            isClosed = true;
            giveBackWaiting();
        } finally {
            lock.unlock();
        }
    }

    /** Gives back what waits here; the broker delivers it again, in its order. */
    void giveBackAll() {
        lock.lock();
        try {
            giveBackWaiting();
        } finally {
            lock.unlock();
        }
    }

    private void giveBackWaiting() {
        giveBack(ready);
        for (Received received : again) {
            boolean isSeen = received.deliveryCount() > received.delivery().deliveryCount();
            settleOut(received, isSeen ? SettlementKind.FAIL : SettlementKind.RELEASE);
        }
        again.clear();
        scheduleReport();
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
        long settled;
        lock.lock();
        try {
            isReportScheduled = false;
            isLazyReportScheduled = false;
            if (report.isEmpty()) {
                return;
            }
            due = report;
            report = new EngineReport();
            settled = unwritten;
            unwritten = 0;
        } finally {
            lock.unlock();
        }
        due.tell(engine, nowMs);
        if (settled > 0) {
            thread.whenWritten(() -> gate.onWritten(settled));
        }
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
        long seen = last - first + 1;
        lock.lock();
        try {
            report.forget(source, first, last);
            for (Iterator<Delivery> all = ready.iterator(); all.hasNext(); ) {
                Delivery delivery = all.next();
                if (isWithin(delivery, source, first, last)) {
                    all.remove();
                    seen--;
                    report.consume(delivery.source(), delivery.sizeBytes());
                    scheduleReport();
                }
            }
            again.removeIf(received -> isWithin(received.delivery(), source, first, last));
            for (Iterator<Received> all = out.iterator(); all.hasNext(); ) {
                Received received = all.next();
                if (isWithin(received.delivery(), source, first, last)) {
                    all.remove();
                    received.lose();
                }
            }
        } finally {
            lock.unlock();
        }
        if (seen > 0) {
            losses.onLost(seen, first, last);
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
