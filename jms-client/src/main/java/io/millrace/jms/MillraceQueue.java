package io.millrace.jms;

import io.millrace.protocol.DestinationKind;
import jakarta.jms.Queue;
import org.jspecify.annotations.Nullable;

/** A queue by its name (Jakarta Messaging 3.1, 4.1.2): each message goes to one consumer. Immutable, for any thread. */
public final class MillraceQueue extends MillraceDestination implements Queue {
    private static final long serialVersionUID = 1L;

    /**
     * The queue of that name.
     *
     * @throws IllegalArgumentException if the name is null, empty or too long
     */
    public MillraceQueue(@Nullable String name) {
        super(DestinationKind.QUEUE, name);
    }

    @Override
    public String getQueueName() {
        return getName();
    }

    @Override
    public boolean isQueue() {
        return true;
    }
}
