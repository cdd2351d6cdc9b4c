package io.millrace.broker.partition;

import io.millrace.protocol.MessageHeaders;
import io.millrace.protocol.record.EncodedRecord;
import io.millrace.protocol.record.RecordBatchWriter;
import io.millrace.protocol.record.RecordReader;
import io.millrace.protocol.record.Varints;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes record batches as a JMS producer does, with a text each. */
final class Messages {
    private final List<EncodedRecord> records = new ArrayList<>();
    private long producerId = -1;
    private short epoch = -1;
    private int sequence = -1;
    private boolean jms = true;

    static Messages of(String... texts) {
        Messages messages = new Messages();
        for (String text : texts) {
            messages.with(text, Map.of());
        }
        return messages;
    }

    static Messages expiring(long expirationMs, String... texts) {
        Messages messages = new Messages();
        for (String text : texts) {
            messages.with(text, Map.of(MessageHeaders.EXPIRATION, String.valueOf(expirationMs)));
        }
        return messages;
    }

    /** As a Kafka producer makes them: without the headers of JMS. */
    static Messages ofKafka(String... texts) {
        Messages messages = new Messages();
        messages.jms = false;
        for (String text : texts) {
            messages.with(text, Map.of());
        }
        return messages;
    }

    Messages with(String text, Map<String, String> headers) {
        return with(text, headers, 0);
    }

    Messages with(String text, Map<String, String> headers, int extraBits) {
        int bits = extraBits | (headers.containsKey(MessageHeaders.EXPIRATION) ? MessageHeaders.USES_EXPIRATION : 0);
        Map<String, String> all = new LinkedHashMap<>();
        if (jms) {
            all.put(MessageHeaders.TYPES, "1T00");
        }
        all.putAll(headers);
        ByteBuf body = Unpooled.buffer();
        Varints.write(body, -1);
        write(body, text);
        Varints.write(body, all.size());
        int summaryIndex = -1;
        for (Map.Entry<String, String> header : all.entrySet()) {
            write(body, header.getKey());
            write(body, header.getValue());
            if (header.getKey().equals(MessageHeaders.TYPES)) {
                summaryIndex = body.writerIndex() - 2;
            }
        }
        records.add(new EncodedRecord(body, 5_000, summaryIndex, bits));
        return this;
    }

    Messages from(long newProducerId, int newEpoch, int newSequence) {
        producerId = newProducerId;
        epoch = (short) newEpoch;
        sequence = newSequence;
        return this;
    }

    /** The times of the records, in order. */
    Messages at(long... timesMs) {
        for (int i = 0; i < timesMs.length; i++) {
            EncodedRecord timed = records.get(i);
            records.set(i, new EncodedRecord(timed.body(), timesMs[i], timed.summaryIndex(), timed.summaryBits()));
        }
        return this;
    }

    ByteBuf batch() {
        ByteBuf out = Unpooled.buffer();
        RecordBatchWriter.write(out, producerId, epoch, sequence, records);
        return out;
    }

    /** The text of a record without its length. */
    static String text(ByteBuffer record) {
        ByteBuffer value = RecordReader.ofBody(record).value();
        return value == null ? "null" : StandardCharsets.UTF_8.decode(value).toString();
    }

    private static void write(ByteBuf out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Varints.write(out, bytes.length);
        out.writeBytes(bytes);
    }
}
