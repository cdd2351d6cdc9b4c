package io.millrace.simulation.client;

import io.millrace.protocol.record.EncodedRecord;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/** Encodes a BytesMessage as a JMS producer does. */
final class Body {
    private static final byte[] TYPES_NAME = "JMS_Millrace_Types".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TYPES_VALUE = "1B00".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] MODE_NAME = "JMSDeliveryMode".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] MODE_VALUE = "NON_PERSISTENT".getBytes(StandardCharsets.US_ASCII);
    private static final int SUMMARY_IN_VALUE = 2;

    private Body() {}

    static EncodedRecord encode(byte[] body, boolean persistent, long nowMs) {
        ByteBuf out = Unpooled.buffer(body.length + 80);
        varint(out, -1);
        bytes(out, body);
        varint(out, persistent ? 1 : 2);
        bytes(out, TYPES_NAME);
        varint(out, TYPES_VALUE.length);
        int summaryIndex = out.writerIndex() + SUMMARY_IN_VALUE;
        out.writeBytes(TYPES_VALUE);
        if (!persistent) {
            bytes(out, MODE_NAME);
            bytes(out, MODE_VALUE);
        }
        return new EncodedRecord(out, nowMs, summaryIndex, 0);
    }

    private static void bytes(ByteBuf out, byte[] bytes) {
        varint(out, bytes.length);
        out.writeBytes(bytes);
    }

    private static void varint(ByteBuf out, int value) {
        int left = (value << 1) ^ (value >> 31);
        while ((left & ~0x7f) != 0) {
            out.writeByte((left & 0x7f) | 0x80);
            left >>>= 7;
        }
        out.writeByte(left);
    }
}
