package io.millrace.jms;

import io.millrace.protocol.DestinationKind;
import jakarta.jms.Topic;
import org.jspecify.annotations.Nullable;

/**
 * A topic by its name (Jakarta Messaging 3.1, 4.2.2): each message goes to every subscription. Immutable, for any thread.
 */
public final class MillraceTopic extends MillraceDestination implements Topic {
    private static final long serialVersionUID = 1L;

    /**
     * The topic of that name.
     *
     * @throws IllegalArgumentException if the name is null, empty or too long
     */
    public MillraceTopic(@Nullable String name) {
        super(DestinationKind.TOPIC, name);
    }

    @Override
    public String getTopicName() {
        return getName();
    }

    @Override
    public boolean isQueue() {
        return false;
    }
}
