package io.millrace.broker.partition;

import io.netty.buffer.ByteBuf;

/**
 * A page of messages.
 *
 * @param nextOffset where to go on
 * @param endOffset the high watermark; the browse is complete when {@code nextOffset} reaches it
 * @param messages encoded as {@code io.millrace.protocol.DeliveredMessages} says; ownership passes to the receiver
 */
public record BrowseResult(long nextOffset, long endOffset, ByteBuf messages) {}
