package io.millrace.jms.session;

import io.millrace.jms.engine.Attachment;
import io.millrace.jms.engine.Done;
import io.millrace.jms.transport.Await;
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

    /** Settles all that the application has; answers when that is durable. */
    void acknowledge() throws JMSException {
        Map<MillraceConsumer, List<Received>> taken = unacknowledged.take();
        if (taken.isEmpty()) {
            return;
        }
        taken.forEach((consumer, messages) -> consumer.settle(messages, SettlementKind.ACCEPT));
        List<MillraceConsumer> settled = List.copyOf(taken.keySet());
        List<Attachment> attachments =
                settled.stream().map(MillraceConsumer::attachment).toList();
        Await<Done> reply = new Await<>();
        connection.thread().execute((engine, nowMs) -> {
            settled.forEach(consumer -> consumer.report(engine, nowMs));
            engine.awaitSettled(attachments, reply, nowMs);
        });
        reply.get("acknowledging", 0);
        end(settled.stream().filter(lingering::remove).toList());
    }

    /** Hands out again what the application has; lingering consumers give it back to the broker. */
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
            List<Received> messages = taken.get(consumer);
            consumer.recover(messages == null ? List.of() : messages);
        }
    }

    /** A consumer is closed: it ends, or lingers. */
    void close(MillraceConsumer consumer, boolean mayLinger) throws JMSException {
        open.remove(consumer);
        onListenersChanged();
        if (mayLinger && unacknowledged.has(consumer)) {
            consumer.closeButLinger();
            lingering.add(consumer);
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
