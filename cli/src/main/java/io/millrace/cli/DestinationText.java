package io.millrace.cli;

import io.millrace.protocol.DestinationName;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import org.jspecify.annotations.Nullable;

/** A destination as JMS has it and as the command line writes it. */
final class DestinationText {
    private DestinationText() {}

    static Destination of(DestinationName name, Session session) throws JMSException {
        return switch (name.kind()) {
            case QUEUE -> session.createQueue(name.name());
            case TOPIC -> session.createTopic(name.name());
        };
    }

    /** {@code queue:orders} or {@code topic:prices}; null for none. */
    static @Nullable String of(@Nullable Destination destination) throws JMSException {
        if (destination instanceof Queue queue) {
            return "queue:" + queue.getQueueName();
        }
        if (destination instanceof Topic topic) {
            return "topic:" + topic.getTopicName();
        }
        return destination == null ? null : destination.toString();
    }
}
