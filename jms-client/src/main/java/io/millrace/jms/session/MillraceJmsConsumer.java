package io.millrace.jms.session;

import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import org.jspecify.annotations.Nullable;

/** A consumer of the simplified API (Jakarta Messaging 3.1, 8): a {@link MillraceConsumer} with unchecked exceptions. */
final class MillraceJmsConsumer implements JMSConsumer {
    private static final long NO_WAIT = -1;

    private final MillraceConsumer consumer;

    MillraceJmsConsumer(MillraceConsumer consumer) {
        this.consumer = consumer;
    }

    @Override
    public @Nullable String getMessageSelector() {
        return Unchecked.find(consumer::getMessageSelector);
    }

    @Override
    public @Nullable MessageListener getMessageListener() {
        return Unchecked.find(consumer::getMessageListener);
    }

    @Override
    public void setMessageListener(@Nullable MessageListener listener) {
        Unchecked.run(() -> consumer.setMessageListener(listener));
    }

    @Override
    public @Nullable Message receive() {
        return Unchecked.find(consumer::receive);
    }

    @Override
    public @Nullable Message receive(long timeout) {
        return Unchecked.find(() -> consumer.receive(timeout));
    }

    @Override
    public @Nullable Message receiveNoWait() {
        return Unchecked.find(consumer::receiveNoWait);
    }

    @Override
    public void close() {
        Unchecked.run(consumer::close);
    }

    @Override
    public <T> @Nullable T receiveBody(Class<T> type) {
        return Unchecked.find(() -> consumer.receiveBody(type, 0));
    }

    @Override
    public <T> @Nullable T receiveBody(Class<T> type, long timeout) {
        if (timeout < 0) {
            throw new JMSRuntimeException("the timeout " + timeout + " is negative");
        }
        return Unchecked.find(() -> consumer.receiveBody(type, timeout));
    }

    @Override
    public <T> @Nullable T receiveBodyNoWait(Class<T> type) {
        return Unchecked.find(() -> consumer.receiveBody(type, NO_WAIT));
    }
}
