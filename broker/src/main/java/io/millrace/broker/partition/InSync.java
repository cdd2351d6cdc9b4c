package io.millrace.broker.partition;

import java.util.List;

/**
 * Which replicas are in sync, as the metadata says. Immutable.
 *
 * @param members broker ids
 * @param version counts the changes of the partition's state in the metadata
 */
public record InSync(List<Integer> members, int version) {
    public InSync {
        members = List.copyOf(members);
    }
}
