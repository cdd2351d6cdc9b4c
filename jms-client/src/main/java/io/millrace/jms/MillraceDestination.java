package io.millrace.jms;

import io.millrace.protocol.DestinationKind;
import io.millrace.protocol.DestinationName;
import jakarta.jms.Destination;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * A queue or a topic by its name (Jakarta Messaging 3.1, 4.2): equal to every other object of the same kind and name. It
 * says nothing about whether the destination exists. Immutable, for any thread.
 */
public abstract sealed class MillraceDestination implements Destination, Serializable
        permits MillraceQueue, MillraceTopic {
    private static final long serialVersionUID = 1L;

    private final String name;

    MillraceDestination(DestinationKind kind, @Nullable String name) {
        if (name == null) {
            throw new IllegalArgumentException("the name of a " + kind.word() + " is null");
        }
        this.name = new DestinationName(kind, name).name();
    }

    /** The name as the application gave it. */
    public final String getName() {
        return name;
    }

    /** Whether a message goes to one consumer (a queue) or to each subscription (a topic). */
    public abstract boolean isQueue();

    @Override
    public final boolean equals(Object other) {
        return other instanceof MillraceDestination that && isQueue() == that.isQueue() && name.equals(that.name);
    }

    @Override
    public final int hashCode() {
        return name.hashCode() * 2 + (isQueue() ? 0 : 1);
    }

    /** The kind and the name as the command line writes them: {@code queue:orders}. */
    @Override
    public final String toString() {
        return (isQueue() ? "queue:" : "topic:") + name;
    }
}
