package io.millrace.jms.engine;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * A page of a browse.
 *
 * @param messages what was found; their source is of no use for settling
 * @param nextOffset where to go on
 * @param endOffset where the browse is complete
 */
public record BrowsePage(List<Message> messages, long nextOffset, long endOffset) {
    public BrowsePage {
        messages = List.copyOf(messages);
    }

    /**
     * A message seen, not delivered.
     *
     * @param record a record of format v2 without its length; nobody changes it
     */
    public record Message(long offset, long timestampMs, int deliveryCount, ByteBuffer record) {}
}
