package io.millrace.jms.admin;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a partition is to be. Immutable.
 *
 * @param replicas the brokers that are to hold it, the preferred leader first; null to go back to where it was before it began to move
 */
public record Reassignment(
        boolean isQueue,
        String destination,
        int index,
        @Nullable List<Integer> replicas) {
    public Reassignment {
        replicas = replicas == null ? null : List.copyOf(replicas);
    }
}
