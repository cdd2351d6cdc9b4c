package io.millrace.jms.session;

import io.millrace.jms.MillraceDestination;
import io.millrace.jms.engine.Destination;
import io.millrace.jms.engine.EngineException;
import io.millrace.jms.message.ForeignMessages;
import io.millrace.jms.message.MillraceMessage;
import io.millrace.jms.transport.EngineThread;
import io.millrace.jms.transport.JmsErrors;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.MessageHeaders;
import io.millrace.protocol.record.EncodedRecord;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import jakarta.jms.CompletionListener;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * How a session sends (Jakarta Messaging 3.1, 3.4 and 7.1 to 7.3): sets the provider's headers, chooses the partition,
 * encodes on the sender's thread, and hands the record to the engine. PERSISTENT waits for the broker unless there is a
 * completion listener, NON_PERSISTENT does not wait. For the session's thread.
 */
final class MessageSender {
    /** Records wait for the broker as plain arrays that nobody has to release. */
    private static final ByteBufAllocator HEAP = new UnpooledByteBufAllocator(false, true);

    private final MillraceConnection connection;
    private final int sessionNumber;
    private final Completions completions;
    private final AtomicReference<@Nullable EngineException> lateFailure = new AtomicReference<>();
    private final String idPrefix;
    private long messages;

    /**
     * How a message is sent.
     *
     * @param deliveryDelayMs 0 for at once
     * @param hasId whether it gets a JMSMessageID
     * @param hasTimestamp whether it gets a JMSTimestamp
     * @param listener who hears of the outcome, or null to wait for it
     */
    record Options(
            int deliveryMode,
            int priority,
            long timeToLiveMs,
            long deliveryDelayMs,
            boolean hasId,
            boolean hasTimestamp,
            @Nullable CompletionListener listener) {
        void check() throws JMSException {
            if (deliveryMode != DeliveryMode.PERSISTENT && deliveryMode != DeliveryMode.NON_PERSISTENT) {
                throw new JMSException("delivery mode " + deliveryMode + " is neither PERSISTENT nor NON_PERSISTENT");
            }
            if (priority < 0 || priority > 9) {
                throw new JMSException("priority " + priority + " is not 0 to 9");
            }
            if (timeToLiveMs < 0) {
                throw new JMSException("time to live " + timeToLiveMs + " is negative");
            }
            if (deliveryDelayMs != 0) {
                throw JmsErrors.notSupportedYet("delivery delay");
            }
        }
    }

    MessageSender(MillraceConnection connection, int sessionNumber, Completions completions) {
        this.connection = connection;
        this.sessionNumber = sessionNumber;
        this.completions = completions;
        this.idPrefix = connection.messageIdPrefix() + sessionNumber + "-";
    }

    void send(MillraceDestination to, @Nullable Message message, Options options) throws JMSException {
        throwLateFailure();
        options.check();
        if (message == null) {
            throw new MessageFormatException("the message is null");
        }
        Destination destination = connection.resolve(to);
        MillraceMessage own = message instanceof MillraceMessage millrace
                ? millrace
                : ForeignMessages.convert(message, connection.trust());
        setHeaders(own, to, options);
        EncodedRecord record = own.encode(HEAP);
        if (own != message) {
            copyHeaders(own, message);
        }
        int partition = partitionOf(destination, own);
        boolean isDurable = options.deliveryMode == DeliveryMode.PERSISTENT;
        CompletionListener listener = options.listener;
        if (listener != null) {
            sendCompleted(new CompletedSend.Order(destination, partition, isDurable, record, message, own, listener));
        } else if (isDurable) {
            sendWaited(new WaitedSend(destination, partition, true, record));
        } else {
            sendUnwaited(destination, partition, record);
        }
    }

    private void setHeaders(MillraceMessage message, MillraceDestination to, Options options) throws JMSException {
        long nowMs = System.currentTimeMillis();
        message.setJMSDestination(to);
        message.setJMSDeliveryMode(options.deliveryMode);
        message.setJMSPriority(options.priority);
        message.setJMSTimestamp(options.hasTimestamp ? nowMs : 0);
        message.setJMSDeliveryTime(nowMs);
        message.setJMSExpiration(options.timeToLiveMs == 0 ? 0 : expirationMs(nowMs, options.timeToLiveMs));
        message.setJMSMessageID(options.hasId ? idPrefix + ++messages : null);
    }

    /** Never before now: a time to live that reaches past the last millisecond ends there. */
    private static long expirationMs(long nowMs, long timeToLiveMs) {
        return timeToLiveMs > Long.MAX_VALUE - nowMs ? Long.MAX_VALUE : nowMs + timeToLiveMs;
    }

    /** Another provider's message shows what it was sent with (3.4.11). */
    private static void copyHeaders(MillraceMessage sent, Message foreign) throws JMSException {
        foreign.setJMSDestination(sent.getJMSDestination());
        foreign.setJMSDeliveryMode(sent.getJMSDeliveryMode());
        foreign.setJMSPriority(sent.getJMSPriority());
        foreign.setJMSTimestamp(sent.getJMSTimestamp());
        foreign.setJMSDeliveryTime(sent.getJMSDeliveryTime());
        foreign.setJMSExpiration(sent.getJMSExpiration());
        foreign.setJMSMessageID(sent.getJMSMessageID());
    }

    /** A session keeps to one partition, so that its messages keep their order; a group keeps to its own. */
    private int partitionOf(Destination destination, MillraceMessage message) throws JMSException {
        int partitions = destination.partitionCount();
        if (partitions == 1) {
            return 0;
        }
        String group = message.getStringProperty(MessageHeaders.GROUP_ID);
        if (group == null) {
            return connection.partitionOf(sessionNumber, partitions);
        }
        // Kafka's own producers place a key in the same way.
        return GroupHash.of(group.getBytes(StandardCharsets.UTF_8)) % partitions;
    }

    private void sendWaited(WaitedSend send) throws JMSException {
        EngineThread thread = connection.thread();
        thread.execute((engine, nowMs) -> engine.send(send, nowMs));
        send.await(thread, connection.settings().sendTimeoutMs());
    }

    private void sendUnwaited(Destination destination, int partition, EncodedRecord record) throws JMSException {
        UnwaitedSend send = new UnwaitedSend(destination, partition, record, connection.window(), this::onLateFailure);
        awaitRoom(send.sizeBytes());
        connection.thread().execute((engine, nowMs) -> engine.send(send, nowMs));
    }

    private void sendCompleted(CompletedSend.Order order) throws JMSException {
        CompletedSend send = new CompletedSend(order, connection.window(), completions);
        awaitRoom(send.sizeBytes());
        order.sent().setSending(true);
        completions.add(send);
        connection.thread().execute((engine, nowMs) -> engine.send(send, nowMs));
    }

    private void awaitRoom(int sizeBytes) throws JMSException {
        try {
            long timeoutMs = connection.settings().sendTimeoutMs();
            if (!connection.window().acquire(sizeBytes, timeoutMs)) {
                throw JmsErrors.of(new EngineException(
                        ErrorCode.REQUEST_TIMED_OUT,
                        "no room in the send window within " + timeoutMs
                                + " ms (sendTimeout); the message was not sent"));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw JmsErrors.interrupted(e);
        }
    }

    private void onLateFailure(EngineException cause) {
        if (!connection.tellListener(cause)) {
            lateFailure.compareAndSet(null, cause);
        }
    }

    /** Throws what became of an earlier NON_PERSISTENT message, where no ExceptionListener was there to hear it. */
    void throwLateFailure() throws JMSException {
        EngineException late = lateFailure.get();
        if (late != null && lateFailure.compareAndSet(late, null)) {
            throw JmsErrors.of("an earlier NON_PERSISTENT message was not sent", late);
        }
    }
}
