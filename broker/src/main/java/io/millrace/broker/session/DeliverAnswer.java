package io.millrace.broker.session;

import io.millrace.protocol.ErrorCode;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * One answer to a Deliver request in the making, and its encoding: what {@code DeliverResponse} version 0 says, but large runs of messages
 * are written as they are instead of being copied into the frame. Owned by the connection's lane.
 */
final class DeliverAnswer {
    /** From this size on, a buffer of its own is cheaper than a copy. */
    private static final int COPY_BELOW_BYTES = 4096;

    private static final int NO_TAGGED_FIELDS = 0;
    private static final int FIXED_BYTES = 64;

    private final List<Messages> messages = new ArrayList<>();
    private final List<Integer> drained = new ArrayList<>();
    private final List<Ended> ended = new ArrayList<>();
    private int bytes;
    private long earliestMs = Long.MAX_VALUE;

    /**
     * Adds messages for a consumer.
     *
     * @param validUntilMs see {@link #lapsed}
     */
    void addMessages(int consumerId, ByteBuf run, long validUntilMs) {
        messages.add(new Messages(consumerId, run, validUntilMs));
        bytes += run.readableBytes();
        earliestMs = Math.min(earliestMs, validUntilMs);
    }

    /** Whether there are messages that may be too late at some time. */
    boolean mayLapse() {
        return earliestMs < Long.MAX_VALUE;
    }

    /** The consumers that have messages which are too late at that time. */
    Set<Integer> lapsed(long elapsedMs) {
        if (elapsedMs < earliestMs) {
            return Set.of();
        }
        Set<Integer> consumers = new LinkedHashSet<>();
        for (Messages run : messages) {
            if (elapsedMs >= run.validUntilMs) {
                consumers.add(run.consumerId);
            }
        }
        return consumers;
    }

    /** Gives back the messages for a consumer unsent. */
    void dropMessages(int consumerId) {
        messages.removeIf(run -> {
            if (run.consumerId != consumerId) {
                return false;
            }
            bytes -= run.bytes.readableBytes();
            run.bytes.release();
            return true;
        });
    }

    void addDrained(int consumerId) {
        drained.add(consumerId);
    }

    void addEnded(int consumerId, ErrorCode error, String message) {
        ended.add(new Ended(consumerId, error, message.getBytes(StandardCharsets.UTF_8)));
    }

    /** The bytes of messages so far. */
    int bytes() {
        return bytes;
    }

    boolean hasEnded() {
        return !ended.isEmpty();
    }

    boolean isEmpty() {
        return messages.isEmpty() && drained.isEmpty() && ended.isEmpty();
    }

    /** Gives the messages back unsent. */
    void release() {
        messages.forEach(run -> run.bytes.release());
        messages.clear();
    }

    /** Writes the answer; the messages pass to the connection. */
    void write(Connection connection, int correlationId, long confirmedSequence) {
        ByteBuf out = connection.allocator().ioBuffer(FIXED_BYTES + encodedBytes(true));
        out.writeInt(frameBytes());
        out.writeInt(correlationId);
        out.writeByte(NO_TAGGED_FIELDS);
        out.writeShort(ErrorCode.NONE.code());
        out.writeByte(0); // a null error message
        out.writeLong(confirmedSequence);
        writeUnsignedVarint(out, messages.size() + 1);
        for (Messages run : messages) {
            out.writeInt(run.consumerId);
            writeUnsignedVarint(out, run.bytes.readableBytes() + 1);
            if (run.isCopied()) {
                out.writeBytes(run.bytes);
                run.bytes.release();
            } else {
                connection.write(out);
                connection.write(run.bytes);
                out = connection.allocator().ioBuffer(FIXED_BYTES + encodedBytes(true));
            }
            out.writeByte(NO_TAGGED_FIELDS);
        }
        messages.clear();
        writeNews(out);
        connection.write(out);
    }

    private void writeNews(ByteBuf out) {
        writeUnsignedVarint(out, drained.size() + 1);
        for (int consumerId : drained) {
            out.writeInt(consumerId);
        }
        writeUnsignedVarint(out, ended.size() + 1);
        for (Ended end : ended) {
            out.writeInt(end.consumerId);
            out.writeShort(end.error.code());
            writeUnsignedVarint(out, end.message.length + 1);
            out.writeBytes(end.message);
            out.writeByte(NO_TAGGED_FIELDS);
        }
        out.writeByte(NO_TAGGED_FIELDS);
    }

    /** The frame's length as its first field says it. */
    private int frameBytes() {
        int header = Integer.BYTES + 1;
        int fixed = Short.BYTES + 1 + Long.BYTES + 1;
        return header + fixed + encodedBytes(false);
    }

    /** The bytes of the three arrays, with or without the runs that are not copied. */
    private int encodedBytes(boolean copiedOnly) {
        int sum = varintBytes(messages.size() + 1) + varintBytes(drained.size() + 1) + varintBytes(ended.size() + 1);
        for (Messages run : messages) {
            int length = run.bytes.readableBytes();
            sum += Integer.BYTES + varintBytes(length + 1) + 1;
            if (run.isCopied() || !copiedOnly) {
                sum += length;
            }
        }
        sum += drained.size() * Integer.BYTES;
        for (Ended end : ended) {
            sum += Integer.BYTES + Short.BYTES + varintBytes(end.message.length + 1) + end.message.length + 1;
        }
        return sum;
    }

    private static int varintBytes(int value) {
        return 1 + (31 - Integer.numberOfLeadingZeros(value | 1)) / 7;
    }

    private static void writeUnsignedVarint(ByteBuf out, int value) {
        int rest = value;
        while ((rest & ~0x7f) != 0) {
            out.writeByte((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out.writeByte(rest);
    }

    private record Messages(int consumerId, ByteBuf bytes, long validUntilMs) {
        boolean isCopied() {
            return bytes.readableBytes() < COPY_BELOW_BYTES;
        }
    }

    /** A record is compared by reference in nobody's code; the array is its own. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Ended(int consumerId, ErrorCode error, byte[] message) {}
}
