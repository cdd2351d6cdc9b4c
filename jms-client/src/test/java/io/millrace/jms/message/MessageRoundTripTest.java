package io.millrace.jms.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.jms.MillraceQueue;
import io.millrace.jms.MillraceTopic;
import io.millrace.protocol.record.EncodedRecord;
import io.millrace.protocol.record.RecordBatch;
import io.millrace.protocol.record.RecordBatchWriter;
import io.millrace.protocol.record.RecordReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import jakarta.jms.BytesMessage;
import jakarta.jms.DeliveryMode;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotReadableException;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;

class MessageRoundTripTest {
    private static final ObjectTrust TRUST = ObjectTrust.allow("");

    @Test
    void carriesEveryHeader() throws JMSException {
        MillraceTextMessage sent = new MillraceTextMessage();
        sent.setText("body");
        sent.setJMSMessageID("ID:1");
        sent.setJMSTimestamp(1234);
        sent.setJMSCorrelationID("c");
        sent.setJMSType("t");
        sent.setJMSReplyTo(new MillraceTopic("answers"));
        sent.setJMSDeliveryMode(DeliveryMode.NON_PERSISTENT);
        sent.setJMSPriority(9);
        sent.setJMSExpiration(99_999);
        sent.setJMSDeliveryTime(2234);

        TextMessage received = (TextMessage) roundTrip(sent, 3);

        assertThat(received.getText()).isEqualTo("body");
        assertThat(received.getJMSMessageID()).isEqualTo("ID:1");
        assertThat(received.getJMSTimestamp()).isEqualTo(1234);
        assertThat(received.getJMSCorrelationID()).isEqualTo("c");
        assertThat(received.getJMSType()).isEqualTo("t");
        assertThat(received.getJMSReplyTo()).isEqualTo(new MillraceTopic("answers"));
        assertThat(received.getJMSDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
        assertThat(received.getJMSPriority()).isEqualTo(9);
        assertThat(received.getJMSExpiration()).isEqualTo(99_999);
        assertThat(received.getJMSDeliveryTime()).isEqualTo(2234);
        assertThat(received.getJMSDestination()).isEqualTo(new MillraceQueue("orders"));
        assertThat(received.getJMSRedelivered()).isTrue();
        assertThat(received.getIntProperty("JMSXDeliveryCount")).isEqualTo(3);
        assertThat(received.getStringProperty("JMS_Millrace_Topic")).isEqualTo("queue.orders");
        assertThat(received.getLongProperty("JMS_Millrace_Offset")).isEqualTo(7);
    }

    @Test
    void carriesPropertiesOfEveryTypeInOrder() throws JMSException {
        MillracePlainMessage sent = new MillracePlainMessage();
        List<Object> values = List.of(true, (byte) 1, (short) 2, 3, 4L, 5.5f, 6.5d, "text");
        for (Object value : values) {
            sent.setObjectProperty("p" + value.getClass().getSimpleName(), value);
        }
        sent.setObjectProperty("nothing", null);
        sent.setStringProperty("JMSXGroupID", "g");

        Message received = roundTrip(sent, 1);

        for (Object value : values) {
            assertThat(received.getObjectProperty("p" + value.getClass().getSimpleName()))
                    .isEqualTo(value);
        }
        assertThat(received.propertyExists("nothing")).isTrue();
        assertThat(received.getObjectProperty("nothing")).isNull();
        assertThat(received.getStringProperty("JMSXGroupID")).isEqualTo("g");
        assertThat(received.getJMSRedelivered()).isFalse();
        assertThat(received.getPropertyNames().nextElement()).isEqualTo("JMSXGroupID");
    }

    @Test
    void carriesEveryKindOfBody() throws JMSException {
        MillraceMapMessage map = new MillraceMapMessage();
        MillraceStreamMessage stream = new MillraceStreamMessage();
        List<Object> values = List.of(
                true,
                (byte) -1,
                Short.MIN_VALUE,
                'x',
                '\uD800',
                Integer.MIN_VALUE,
                Long.MAX_VALUE,
                24,
                256,
                1.5f,
                2.5d,
                "é");
        for (Object value : values) {
            map.setObject("k" + values.indexOf(value), value);
            stream.writeObject(value);
        }
        map.setBytes("bytes", new byte[] {1, 2});
        map.setString("none", null);
        stream.writeBytes(new byte[] {3, 4, 5});

        MapMessage receivedMap = (MapMessage) roundTrip(map, 1);
        StreamMessage receivedStream = (StreamMessage) roundTrip(stream, 1);

        for (Object value : values) {
            assertThat(receivedMap.getObject("k" + values.indexOf(value))).isEqualTo(value);
            assertThat(receivedStream.readObject()).isEqualTo(value);
        }
        assertThat(receivedMap.getBytes("bytes")).containsExactly(1, 2);
        assertThat(receivedMap.itemExists("none")).isTrue();
        assertThat(receivedMap.getString("none")).isNull();
        byte[] two = new byte[2];
        assertThat(receivedStream.readBytes(two)).isEqualTo(2);
        assertThatThrownBy(receivedStream::readInt).isInstanceOf(MessageFormatException.class);
        assertThat(receivedStream.readBytes(two)).isEqualTo(1);
        assertThatThrownBy(receivedStream::readInt).isInstanceOf(MessageEOFException.class);
    }

    @Test
    void carriesObjectsOfTrustedClassesOnly() throws JMSException {
        MillraceObjectMessage list = new MillraceObjectMessage(TRUST);
        list.setObject(new java.util.ArrayList<>(List.of("a", 1)));
        assertThat(((MillraceObjectMessage) roundTrip(list, 1)).getObject()).isEqualTo(List.of("a", 1));

        MillraceObjectMessage own = new MillraceObjectMessage(TRUST);
        own.setObject(new Order(5));
        MillraceObjectMessage received = (MillraceObjectMessage) roundTrip(own, 1);
        assertThatThrownBy(received::getObject)
                .isInstanceOf(MessageFormatException.class)
                .hasMessageContaining("deserializationAllow");
        MillraceObjectMessage trusting =
                (MillraceObjectMessage) roundTrip(own, 1, ObjectTrust.allow(Order.class.getPackageName()));
        assertThat(trusting.getObject()).isEqualTo(new Order(5));
    }

    @Test
    void readsRecordsOfKafkaClients() throws JMSException {
        MemoryRecords records = MemoryRecords.withRecords(
                Compression.NONE,
                new SimpleRecord(55, "key".getBytes(), new byte[] {1, 2, 3}, new RecordHeader[] {
                    new RecordHeader("trace", "abc".getBytes()),
                    new RecordHeader("not an identifier", "x".getBytes()),
                    new RecordHeader("binary", new byte[] {(byte) 0xff})
                }),
                new SimpleRecord(56, (byte[]) null, null));
        RecordReader reader = new RecordReader(new RecordBatch(records.buffer(), 0).recordBytes());
        reader.next();
        BytesMessage bytes = (BytesMessage) decode(reader.body(), 1, TRUST);
        assertThat(bytes.getBodyLength()).isEqualTo(3);
        assertThat(bytes.getStringProperty("trace")).isEqualTo("abc");
        assertThat(bytes.propertyExists("binary")).isFalse();
        assertThat(bytes.getStringProperty("JMSXGroupID")).isEqualTo("key");
        assertThat(bytes.getJMSTimestamp()).isEqualTo(1000);
        reader.next();
        assertThat(decode(reader.body(), 1, TRUST)).isInstanceOf(MillracePlainMessage.class);
    }

    @Test
    void aReceivedMessageIsReadOnlyUntilCleared() throws JMSException {
        MillraceTextMessage sent = new MillraceTextMessage();
        sent.setText("a");
        sent.setIntProperty("p", 1);
        TextMessage received = (TextMessage) roundTrip(sent, 1);
        assertThatThrownBy(() -> received.setText("b")).isInstanceOf(MessageNotWriteableException.class);
        assertThatThrownBy(() -> received.setIntProperty("p", 2)).isInstanceOf(MessageNotWriteableException.class);
        received.clearBody();
        received.setText("b");
        assertThatThrownBy(() -> received.setIntProperty("p", 2)).isInstanceOf(MessageNotWriteableException.class);
        assertThat(received.getIntProperty("p")).isEqualTo(1);
        received.clearProperties();
        received.setIntProperty("p", 2);
        assertThat(received.getText()).isEqualTo("b");

        MillraceBytesMessage bytes = new MillraceBytesMessage();
        bytes.writeInt(5);
        assertThatThrownBy(bytes::readInt).isInstanceOf(MessageNotReadableException.class);
        bytes.reset();
        assertThat(bytes.readInt()).isEqualTo(5);
        assertThatThrownBy(() -> bytes.writeInt(1)).isInstanceOf(MessageNotWriteableException.class);
        bytes.clearBody();
        assertThatThrownBy(bytes::getBodyLength).isInstanceOf(MessageNotReadableException.class);
    }

    @Test
    void refusesEveryAccessWhileItIsBeingSent() throws JMSException {
        MillraceTextMessage message = new MillraceTextMessage();
        message.setSending(true);
        assertThatThrownBy(() -> message.setText("x")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(message::getJMSMessageID).isInstanceOf(IllegalStateException.class);
        message.setSending(false);
        message.setText("x");
    }

    @Test
    void convertsAsTheTableSays() throws JMSException {
        Map<Object, String> readable = Map.of(
                true,
                "z s",
                (byte) 1,
                "b h i l s",
                (short) 1,
                "h i l s",
                1,
                "i l s",
                1L,
                "l s",
                1f,
                "f d s",
                1d,
                "d s",
                "1",
                "z b h i l f d s");
        for (Map.Entry<Object, String> row : readable.entrySet()) {
            MillracePlainMessage message = new MillracePlainMessage();
            message.setObjectProperty("p", row.getKey());
            Map<String, Read> reads = Map.of(
                    "z", message::getBooleanProperty,
                    "b", message::getByteProperty,
                    "h", message::getShortProperty,
                    "i", message::getIntProperty,
                    "l", message::getLongProperty,
                    "f", message::getFloatProperty,
                    "d", message::getDoubleProperty,
                    "s", message::getStringProperty);
            for (Map.Entry<String, Read> read : reads.entrySet()) {
                String cell = row.getKey().getClass().getSimpleName() + " as " + read.getKey();
                if (List.of(row.getValue().split(" ")).contains(read.getKey())) {
                    assertThat(read.getValue().read("p")).as(cell).isNotNull();
                } else {
                    assertThatThrownBy(() -> read.getValue().read("p"))
                            .as(cell)
                            .isInstanceOf(MessageFormatException.class);
                }
            }
        }
        MillracePlainMessage unset = new MillracePlainMessage();
        assertThat(unset.getBooleanProperty("p")).isFalse();
        assertThat(unset.getStringProperty("p")).isNull();
        assertThatThrownBy(() -> unset.getIntProperty("p")).isInstanceOf(NumberFormatException.class);
        assertThatThrownBy(() -> unset.setObjectProperty("p", List.of())).isInstanceOf(MessageFormatException.class);
        assertThatThrownBy(() -> unset.setIntProperty("", 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> unset.setIntProperty("not", 1)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> unset.setIntProperty("a-b", 1)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> unset.setIntProperty("JMSPriority", 1)).isInstanceOf(JMSException.class);
    }

    @Test
    void aBodyOfTheWrongTypeIsRefused() throws JMSException {
        MillraceTextMessage text = new MillraceTextMessage();
        assertThat(text.getBody(Integer.class)).isNull();
        text.setText("x");
        assertThat(text.getBody(String.class)).isEqualTo("x");
        assertThat(text.isBodyAssignableTo(Integer.class)).isFalse();
        assertThatThrownBy(() -> text.getBody(Integer.class)).isInstanceOf(MessageFormatException.class);
        assertThatThrownBy(() -> new MillraceStreamMessage().getBody(Object.class))
                .isInstanceOf(MessageFormatException.class);
    }

    private interface Read {
        Object read(String name) throws JMSException;
    }

    private record Order(int number) implements Serializable {}

    private static MillraceMessage roundTrip(MillraceMessage message, int deliveryCount) throws JMSException {
        return roundTrip(message, deliveryCount, TRUST);
    }

    private static MillraceMessage roundTrip(MillraceMessage message, int deliveryCount, ObjectTrust trust)
            throws JMSException {
        EncodedRecord encoded = message.encode(UnpooledByteBufAllocator.DEFAULT);
        ByteBuf out = Unpooled.buffer();
        int size = RecordBatchWriter.write(out, 1, (short) 0, 0, List.of(encoded));
        encoded.body().release();
        RecordBatch batch = new RecordBatch(out.nioBuffer(0, size), 0);
        batch.validate(size);
        RecordReader reader = new RecordReader(batch.recordBytes());
        assertThat(reader.next()).isTrue();
        return decode(reader.body(), deliveryCount, trust);
    }

    private static MillraceMessage decode(ByteBuffer body, int deliveryCount, ObjectTrust trust) throws JMSException {
        byte[] record = new byte[body.remaining()];
        body.get(record);
        return new MessageDecoder(trust)
                .decode(
                        record,
                        new DeliveryFacts(new MillraceQueue("orders"), "queue.orders", 0, 7, 1000, deliveryCount));
    }
}
