package io.millrace.jms.engine;

import io.millrace.protocol.DestinationName;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * A queue or topic that the connection uses: its partitions and where they are led, found out by ResolveDestination and
 * again whenever a leader is lost. Owned by the engine; the public methods are for any thread.
 */
public final class Destination {
    private final DestinationName name;
    private volatile int partitionCount;
    private volatile int maxMessageBytes;

    Uuid topicId = Uuid.ZERO_UUID;
    List<Route> routes = List.of();
    final List<Reply<Destination>> waiting = new ArrayList<>();

    /** Whether leaders are known, as far as the engine knows. */
    boolean isResolved;

    /** Whether a ResolveDestination is under way. */
    boolean isResolving;

    /** The broker that was asked last, while the link to it lives; or -1. */
    int askedBroker = -1;

    /** When to ask again. */
    long retryAtMs = Long.MAX_VALUE;

    /** Since when leaders are unknown, or -1. */
    long unresolvedSinceMs = -1;

    long backoffMs;

    /** Whether a leader has taken messages since leaders were looked for last: that it leads no more is news then. */
    boolean isServed;

    /** What was wrong the last time. */
    @Nullable
    EngineException lastFailure;

    Destination(DestinationName name) {
        this.name = name;
    }

    public DestinationName name() {
        return name;
    }

    /** How many partitions; at least 1 once it was resolved. */
    public int partitionCount() {
        return partitionCount;
    }

    /** The largest record batch that it takes. */
    public int maxMessageBytes() {
        return maxMessageBytes;
    }

    void setLimits(int partitionCount, int maxMessageBytes) {
        this.partitionCount = partitionCount;
        this.maxMessageBytes = maxMessageBytes;
    }

    /** Whether there is a link to every leader. */
    boolean isWhole() {
        for (Route route : routes) {
            if (route.link == null) {
                return false;
            }
        }
        return true;
    }

    boolean isNeeded() {
        if (!waiting.isEmpty()) {
            return true;
        }
        for (Route route : routes) {
            if (route.isNeeded()) {
                return true;
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return name.toString();
    }
}
