package io.millrace.jms.message;

import io.millrace.jms.MillraceDestination;
import io.millrace.jms.MillraceQueue;
import io.millrace.jms.MillraceTopic;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.Topic;
import org.jspecify.annotations.Nullable;

/** Destinations of other providers and of headers as Millrace's own. */
final class MillraceDestinations {
    private static final String QUEUE = "queue:";
    private static final String TOPIC = "topic:";

    private MillraceDestinations() {}

    /** The same destination as one of ours. */
    static MillraceDestination of(Destination destination) throws JMSException {
        if (destination instanceof MillraceDestination own) {
            return own;
        }
        try {
            if (destination instanceof Queue queue) {
                return new MillraceQueue(queue.getQueueName());
            }
            if (destination instanceof Topic topic) {
                return new MillraceTopic(topic.getTopicName());
            }
        } catch (IllegalArgumentException e) {
            throw new InvalidDestinationException(e.getMessage());
        }
        throw new InvalidDestinationException(
                "a " + destination.getClass().getName() + " is neither a queue nor a topic");
    }

    /** What {@link MillraceDestination#toString} wrote, or null if it did not write this. */
    static @Nullable MillraceDestination parse(String text) {
        try {
            if (text.startsWith(QUEUE)) {
                return new MillraceQueue(text.substring(QUEUE.length()));
            }
            if (text.startsWith(TOPIC)) {
                return new MillraceTopic(text.substring(TOPIC.length()));
            }
            return null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
