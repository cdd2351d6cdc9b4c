package io.millrace.jms.session;

import io.millrace.jms.engine.Attachment;
import io.millrace.jms.engine.ConnectionEngine;
import io.millrace.jms.engine.Done;
import io.millrace.jms.engine.EngineException;
import io.millrace.jms.engine.Reply;
import io.millrace.jms.transport.Await;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.SettlementKind;
import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A session's consumers, and what the application has got from them and not acknowledged. A consumer that is closed while
 * its messages may still be acknowledged lingers: it stays attached, hands out nothing, and ends with the
 * acknowledgement, with recover, or with the session. For any thread.
 */
final class SessionConsumers {
    private final MillraceConnection connection;
    private final Unacknowledged unacknowledged = new Unacknowledged();
    private final List<MillraceConsumer> open = new CopyOnWriteArrayList<>();
    private final List<MillraceConsumer> lingering = new CopyOnWriteArrayList<>();
    private volatile boolean hasListeners;

    SessionConsumers(MillraceConnection connection) {
        this.connection = connection;
    }

    Unacknowledged unacknowledged() {
        return unacknowledged;
    }

    boolean hasListeners() {
        return hasListeners;
    }

    void onListenersChanged() {
        hasListeners = open.stream().anyMatch(MillraceConsumer::hasListener);
    }

    /** Takes a new consumer, and starts it where the connection is started. */
    void add(MillraceConsumer consumer) {
        synchronized (connection.lifecycle()) {
            open.add(consumer);
            if (connection.isStarted()) {
                consumer.start();
            }
        }
    }

    void start() {
        open.forEach(MillraceConsumer::start);
    }

    void stop() {
        open.forEach(MillraceConsumer::stop);
    }

    /** Waits until each message is either the application's or still in a buffer. */
    void awaitHandedOver() {
        open.forEach(MillraceConsumer::awaitHandedOver);
    }

    /**
     * Settles all that the application has; answers when that is durable. Where some of it is another consumer's by now,
     * nothing is settled: that is forgotten, and the rest may be recovered, or acknowledged by a second call.
     */
    void acknowledge() throws JMSException {
        Map<MillraceConsumer, List<Received>> taken = unacknowledged.take();
        if (taken.isEmpty()) {
            return;
        }
        Await<Done> reply = new Await<>();
        connection.thread().execute((engine, nowMs) -> acknowledge(engine, taken, reply, nowMs));
        try {
            reply.get("acknowledging", 0);
        } catch (JMSException e) {
            if (ErrorCode.DELIVERY_LOST.name().equals(e.getErrorCode())) {
                unacknowledged.putBack(taken);
            }
            throw e;
        }
        end(taken.keySet().stream().filter(lingering::remove).toList());
    }

    /** Out of the broker's reach nobody knows what is still ours, so it waits until its consumers are attached again. */
    private void acknowledge(
            ConnectionEngine engine, Map<MillraceConsumer, List<Received>> taken, Reply<Done> reply, long nowMs) {
        List<Attachment> attachments =
                taken.keySet().stream().map(MillraceConsumer::attachment).toList();
        if (!engine.areReachable(attachments)) {
            engine.whenReachable(
                    attachments,
                    () -> connection.thread().execute((again, laterMs) -> acknowledge(again, taken, reply, laterMs)));
            return;
        }
        long lost = countLost(taken);
        if (lost > 0) {
            reply.fail(new EngineException(ErrorCode.DELIVERY_LOST, lostText(lost)));
            return;
        }
        taken.forEach((consumer, messages) -> {
            consumer.settle(messages, SettlementKind.ACCEPT);
            consumer.report(engine, nowMs);
        });
        engine.awaitSettled(attachments, reply, nowMs);
    }

    private static long countLost(Map<MillraceConsumer, List<Received>> taken) {
        return taken.values().stream()
                .flatMap(List::stream)
                .filter(Received::isLost)
                .count();
    }

    private static String lostText(long lost) {
        return lost
                + " of the messages that the session has consumed were taken back by the broker for other consumers,"
                + " because this client was out of its reach for longer than reattach.grace.ms, and may be processed twice;"
                + " nothing was acknowledged. Call recover() to have the other messages again, or acknowledge() to acknowledge them";
    }

    /**
     * Hands out again what the application has. Lingering consumers give it back to the broker, and so does an open one of
     * the same queue: only the broker can bring what both had into order.
     */
    void recover() throws JMSException {
        Map<MillraceConsumer, List<Received>> taken = unacknowledged.take();
        List<MillraceConsumer> over = takeLingering(null);
        for (MillraceConsumer consumer : over) {
            List<Received> messages = taken.remove(consumer);
            if (messages != null) {
                consumer.settle(messages, SettlementKind.FAIL);
            }
        }
        end(over);
        for (MillraceConsumer consumer : open) {
            List<Received> messages = taken.getOrDefault(consumer, List.of());
            if (over.stream().anyMatch(consumer::sharesQueueWith)) {
                consumer.recoverAtBroker(messages);
            } else {
                consumer.recover(messages);
            }
        }
    }

    /** A consumer is closed: it ends, or lingers. */
    void close(MillraceConsumer consumer, boolean mayLinger) throws JMSException {
        open.remove(consumer);
        onListenersChanged();
        if (mayLinger && unacknowledged.has(consumer)) {
            lingering.add(consumer);
            // So that the next consumer has it in order; where the broker is out of reach it comes when it comes.
            boolean unused =
                    consumer.closeButLinger().isAnswered(connection.settings().closeTimeoutMs());
        } else {
            end(List.of(consumer));
        }
    }

    /** A new consumer of a durable subscription comes: what an old one lingers for is given back. */
    void endLingering(String subscription) throws JMSException {
        List<MillraceConsumer> over = takeLingering(subscription);
        over.forEach(consumer -> consumer.settle(unacknowledged.take(consumer), SettlementKind.FAIL));
        end(over);
    }

    private List<MillraceConsumer> takeLingering(@Nullable String subscription) {
        return lingering.stream()
                .filter(consumer -> subscription == null || consumer.isOf(subscription))
                .toList()
                .stream()
                .filter(lingering::remove)
                .toList();
    }

    /** From the return on nothing more is handed out. */
    void closeWithSession() {
        open.forEach(MillraceConsumer::closeWithSession);
    }

    /** Ends all; what the application has not acknowledged goes back to the broker. */
    void endAll() throws JMSException {
        unacknowledged.take().forEach((consumer, messages) -> consumer.settle(messages, SettlementKind.FAIL));
        List<MillraceConsumer> all = new ArrayList<>(open);
        all.addAll(lingering);
        open.clear();
        lingering.clear();
        end(all);
    }

    private void end(List<MillraceConsumer> over) throws JMSException {
        long deadlineNs = System.nanoTime()
                + TimeUnit.MILLISECONDS.toNanos(connection.settings().closeTimeoutMs());
        List<Await<Done>> replies = over.stream().map(MillraceConsumer::detach).toList();
        JMSException problem = null;
        for (Await<Done> reply : replies) {
            try {
                long leftMs = TimeUnit.NANOSECONDS.toMillis(deadlineNs - System.nanoTime());
                reply.get("closing a consumer", Math.max(1, leftMs));
            } catch (JMSException e) {
                problem = e;
            }
        }
        if (problem != null) {
            throw problem;
        }
    }
}
