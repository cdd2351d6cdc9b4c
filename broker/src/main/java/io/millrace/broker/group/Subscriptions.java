package io.millrace.broker.group;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What the members of a consumer group subscribe to. Their metadata begins, in every version, with a version and the topics. */
final class Subscriptions {
    static final String PROTOCOL_TYPE = "consumer";

    private Subscriptions() {}

    /** The topics of all members; null if that can not be told. */
    static @Nullable Set<String> topics(Group group) {
        Set<String> topics = new TreeSet<>();
        for (Member member : group.members()) {
            try {
                read(member.metadata(group.protocol()).view(), topics);
            } catch (BufferUnderflowException | IllegalArgumentException e) {
                return null;
            }
        }
        return topics;
    }

    private static void read(ByteBuffer metadata, Set<String> topics) {
        metadata.getShort();
        int count = metadata.getInt();
        for (int i = 0; i < count; i++) {
            int length = metadata.getShort();
            if (length < 0 || length > metadata.remaining()) {
                throw new IllegalArgumentException("a topic's name of " + length + " bytes");
            }
            byte[] name = new byte[length];
            metadata.get(name);
            topics.add(new String(name, StandardCharsets.UTF_8));
        }
    }
}
