package io.millrace.broker.group;

import org.jspecify.annotations.Nullable;

/** A record of {@code __consumer_offsets}: the newest of a key counts, and one without a value takes the key away. Immutable. */
sealed interface GroupRecord {
    /** The group that it speaks of. */
    String group();

    /** An offset was committed, or taken away. */
    record Offset(
            String group, TopicIndex partition, @Nullable CommittedOffset value) implements GroupRecord {}

    /** A group's generation was decided, or the group is gone. */
    record Metadata(String group, @Nullable StoredGroup value) implements GroupRecord {}
}
