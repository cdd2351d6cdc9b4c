package io.millrace.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.EmbeddedBroker;
import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.jms.admin.MillraceAdmin;
import jakarta.jms.BytesMessage;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageFormatRuntimeException;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every type of message, every header and property, from a producer to a consumer. */
class MessageTypesIT {
    private static EmbeddedBroker broker;

    private JMSContext context;
    private Queue queue;
    private JMSConsumer consumer;

    @BeforeAll
    static void startBroker() {
        broker = EmbeddedBroker.builder().start();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @BeforeEach
    void connect() {
        context = new MillraceConnectionFactory(broker.uri()).createContext();
        queue = context.createQueue("types-" + UUID.randomUUID());
        consumer = context.createConsumer(queue);
    }

    @AfterEach
    void close() {
        context.close();
    }

    private <T extends Message> T sendAndReceive(T message, Class<T> type) {
        context.createProducer().send(queue, message);
        return type.cast(receive());
    }

    private Message receive() {
        Message received = consumer.receive(10_000);
        assertThat(received).as("a message within 10 s").isNotNull();
        return received;
    }

    @Test
    void carriesText() throws JMSException {
        String text = "häuser \u20ac \ud83d\ude00 \u0000 end";
        assertThat(sendAndReceive(context.createTextMessage(text), TextMessage.class)
                        .getText())
                .isEqualTo(text);
        assertThat(sendAndReceive(context.createTextMessage(), TextMessage.class)
                        .getText())
                .isNull();
        assertThat(sendAndReceive(context.createTextMessage(""), TextMessage.class)
                        .getText())
                .isEmpty();
    }

    @Test
    void carriesBytes() throws JMSException {
        // Given
        BytesMessage message = context.createBytesMessage();
        message.writeInt(7);
        message.writeUTF("seven");
        message.writeBytes(new byte[] {1, 2, 3});

        // When
        BytesMessage received = sendAndReceive(message, BytesMessage.class);

        // Then
        assertThat(received.getBodyLength()).isEqualTo(4 + 7 + 3);
        assertThat(received.readInt()).isEqualTo(7);
        assertThat(received.readUTF()).isEqualTo("seven");
        byte[] rest = new byte[10];
        assertThat(received.readBytes(rest)).isEqualTo(3);
        assertThat(received.readBytes(rest)).isEqualTo(-1);
        assertThatThrownBy(() -> received.writeByte((byte) 1)).isInstanceOf(MessageNotWriteableException.class);
    }

    @Test
    void carriesMapsWithTheTypesOfTheirValues() throws JMSException {
        // Given
        MapMessage message = context.createMapMessage();
        message.setBoolean("boolean", true);
        message.setByte("byte", (byte) -3);
        message.setShort("short", (short) 300);
        message.setChar("char", 'ä');
        message.setInt("int", -70_000);
        message.setLong("long", 1L << 40);
        message.setFloat("float", 1.5f);
        message.setDouble("double", Math.PI);
        message.setString("string", "text");
        message.setBytes("bytes", new byte[] {9, 8});
        message.setObject("null", null);

        // When
        MapMessage received = sendAndReceive(message, MapMessage.class);

        // Then
        assertThat(received.getObject("boolean")).isEqualTo(true);
        assertThat(received.getObject("byte")).isEqualTo((byte) -3);
        assertThat(received.getObject("short")).isEqualTo((short) 300);
        assertThat(received.getObject("char")).isEqualTo('ä');
        assertThat(received.getObject("int")).isEqualTo(-70_000);
        assertThat(received.getObject("long")).isEqualTo(1L << 40);
        assertThat(received.getObject("float")).isEqualTo(1.5f);
        assertThat(received.getObject("double")).isEqualTo(Math.PI);
        assertThat(received.getObject("string")).isEqualTo("text");
        assertThat(received.getBytes("bytes")).containsExactly(9, 8);
        assertThat(received.itemExists("null")).isTrue();
        assertThat(received.getObject("null")).isNull();
        assertThatThrownBy(() -> received.getInt("long")).isInstanceOf(MessageFormatException.class);
    }

    @Test
    void carriesStreams() throws JMSException {
        // Given
        StreamMessage message = context.createStreamMessage();
        message.writeString("a");
        message.writeLong(5);
        message.writeObject(null);
        message.writeBytes(new byte[] {1});

        // When
        StreamMessage received = sendAndReceive(message, StreamMessage.class);

        // Then
        assertThat(received.readString()).isEqualTo("a");
        assertThatThrownBy(received::readInt).isInstanceOf(MessageFormatException.class);
        assertThat(received.readLong()).isEqualTo(5);
        assertThat(received.readObject()).isNull();
        assertThat((byte[]) received.readObject()).containsExactly(1);
    }

    /** A class that nobody trusts unless it is named. */
    record Order(String item, int count) implements Serializable {}

    @Test
    void carriesObjectsOfTrustedClassesOnly() throws JMSException {
        // Given
        context.createProducer().send(queue, context.createObjectMessage((Serializable) List.of("a", 1)));
        assertThat(((ObjectMessage) receive()).getObject()).isEqualTo(List.of("a", 1));

        // When
        ObjectMessage untrusted =
                sendAndReceive(context.createObjectMessage(new Order("nail", 3)), ObjectMessage.class);

        // Then
        assertThatThrownBy(untrusted::getObject)
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("deserializationAllow");
        String trusting = broker.uri() + "?deserializationAllow=" + Order.class.getPackageName() + ".*";
        try (JMSContext other = new MillraceConnectionFactory(trusting).createContext()) {
            context.createProducer().send(queue, new Order("nail", 3));
            consumer.close();
            assertThat(other.createConsumer(queue).receiveBody(Order.class, 10_000))
                    .isEqualTo(new Order("nail", 3));
        }
    }

    @Test
    void carriesAMessageWithoutBody() throws JMSException {
        Message received = sendAndReceive(context.createMessage(), Message.class);
        assertThat(received).isNotInstanceOf(TextMessage.class).isNotInstanceOf(BytesMessage.class);
        assertThat(received.getBody(String.class)).isNull();
    }

    @Test
    void carriesHeadersAndProperties() throws JMSException {
        // Given
        TextMessage message = context.createTextMessage("x");
        message.setJMSCorrelationID("correlation");
        message.setJMSType("type");
        message.setJMSReplyTo(context.createTopic("replies"));
        message.setJMSMessageID("mine");
        message.setJMSPriority(1);
        message.setStringProperty("JMSXGroupID", "g");
        message.setIntProperty("JMSXGroupSeq", 3);
        message.setBooleanProperty("boolean", true);
        message.setByteProperty("byte", (byte) 1);
        message.setShortProperty("short", (short) 2);
        message.setIntProperty("int", 3);
        message.setLongProperty("long", 4);
        message.setFloatProperty("float", 5.5f);
        message.setDoubleProperty("double", 6.25);
        message.setStringProperty("string", "seven");
        message.setObjectProperty("none", null);

        // When
        context.createProducer()
                .setPriority(7)
                .setDeliveryMode(DeliveryMode.NON_PERSISTENT)
                .setTimeToLive(60_000)
                .setProperty("added", 1)
                .send(queue, message);
        Message received = receive();

        // Then
        assertThat(received.getJMSMessageID()).startsWith("ID:").isEqualTo(message.getJMSMessageID());
        assertThat(received.getJMSCorrelationID()).isEqualTo("correlation");
        assertThat(received.getJMSType()).isEqualTo("type");
        assertThat(received.getJMSReplyTo()).isEqualTo(context.createTopic("replies"));
        assertThat(received.getJMSDestination()).isEqualTo(queue);
        assertThat(received.getJMSPriority()).isEqualTo(7);
        assertThat(received.getJMSDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
        assertThat(received.getJMSExpiration())
                .isEqualTo(message.getJMSExpiration())
                .isEqualTo(message.getJMSTimestamp() + 60_000);
        assertThat(received.getJMSTimestamp()).isEqualTo(message.getJMSTimestamp());
        assertThat(received.getJMSDeliveryTime()).isEqualTo(message.getJMSDeliveryTime());
        assertThat(received.getJMSRedelivered()).isFalse();
        assertThat(received.getStringProperty("JMSXGroupID")).isEqualTo("g");
        assertThat(received.getIntProperty("JMSXGroupSeq")).isEqualTo(3);
        assertThat(received.getIntProperty("JMSXDeliveryCount")).isEqualTo(1);
        assertThat(received.getObjectProperty("boolean")).isEqualTo(true);
        assertThat(received.getObjectProperty("byte")).isEqualTo((byte) 1);
        assertThat(received.getObjectProperty("short")).isEqualTo((short) 2);
        assertThat(received.getObjectProperty("int")).isEqualTo(3);
        assertThat(received.getObjectProperty("long")).isEqualTo(4L);
        assertThat(received.getObjectProperty("float")).isEqualTo(5.5f);
        assertThat(received.getObjectProperty("double")).isEqualTo(6.25);
        assertThat(received.getObjectProperty("string")).isEqualTo("seven");
        assertThat(received.propertyExists("none")).isTrue();
        assertThat(received.getIntProperty("added")).isEqualTo(1);
        assertThat(received.getLongProperty("JMS_Millrace_Offset")).isZero();
        assertThatThrownBy(() -> received.setIntProperty("more", 1)).isInstanceOf(MessageNotWriteableException.class);
    }

    @Test
    void sendsAReceivedMessageOn() throws JMSException {
        // Given
        TextMessage received = sendAndReceive(context.createTextMessage("on"), TextMessage.class);
        String first = received.getJMSMessageID();

        // When
        TextMessage again = sendAndReceive(received, TextMessage.class);

        // Then
        assertThat(again.getText()).isEqualTo("on");
        assertThat(again.getJMSMessageID()).isNotEqualTo(first);
        assertThat(again.getIntProperty("JMSXDeliveryCount")).isEqualTo(1);
        assertThat(again.getLongProperty("JMS_Millrace_Offset")).isEqualTo(1);
    }

    @Test
    void sendsBodiesWithoutAMessage() {
        // When
        context.createProducer()
                .send(queue, "text")
                .send(queue, Map.<String, Object>of("k", 1))
                .send(queue, new byte[] {1, 2})
                .send(queue, (Serializable) 5)
                .send(queue, (String) null);

        // Then
        assertThat(consumer.receiveBody(String.class, 10_000)).isEqualTo("text");
        assertThat(consumer.receiveBody(Map.class, 10_000)).isEqualTo(Map.of("k", 1));
        assertThat(consumer.receiveBody(byte[].class, 10_000)).containsExactly(1, 2);
        assertThat(consumer.receiveBody(Integer.class, 10_000)).isEqualTo(5);
        assertThat(consumer.receiveBody(String.class, 10_000)).isNull();
    }

    @Test
    void leavesAMessageWhoseBodyIsOfAnotherType() {
        // Given
        context.createProducer().send(queue, "text");

        // When
        assertThatThrownBy(() -> consumer.receiveBody(byte[].class, 10_000))
                .isInstanceOf(MessageFormatRuntimeException.class);

        // Then
        assertThat(consumer.receiveBody(String.class, 10_000)).isEqualTo("text");
        assertThat(consumer.receiveBodyNoWait(String.class)).isNull();
    }

    @Test
    void leavesAMessageOfATypeWithoutBodyToReceive() {
        // Given
        context.createProducer().send(queue, context.createMessage());

        // When
        assertThatThrownBy(() -> consumer.receiveBody(Object.class, 10_000))
                .isInstanceOf(MessageFormatRuntimeException.class);

        // Then
        assertThat(consumer.receive(10_000)).isNotNull();
    }

    @Test
    void carriesALargeMessage() throws JMSException {
        // Given
        byte[] body = new byte[700_000];
        Arrays.fill(body, (byte) 7);
        BytesMessage message = context.createBytesMessage();
        message.writeBytes(body);

        // When
        BytesMessage received = sendAndReceive(message, BytesMessage.class);

        // Then
        assertThat(received.getBodyLength()).isEqualTo(body.length);
        assertThat(received.getBody(byte[].class)).isEqualTo(body);
    }

    @Test
    void refusesAMessageThatIsTooLargeAndNamesTheLimit() throws JMSException {
        // Given
        String name = "small-" + UUID.randomUUID();
        try (MillraceAdmin admin = MillraceAdmin.connect(broker.uri())) {
            admin.createQueue(name, null, Map.of("max.message.bytes", "10000"));
        }
        Queue small = context.createQueue(name);

        // When
        assertThatThrownBy(() -> context.createProducer().send(small, new byte[20_000]))
                .hasMessageContaining("max.message.bytes is 10000");

        // Then
        context.createProducer().send(small, "still works");
        assertThat(context.createConsumer(small).receiveBody(String.class, 10_000))
                .isEqualTo("still works");
    }

    @Test
    void doesNotDeliverAfterExpiration() {
        // Given
        consumer.close();
        context.createProducer().setTimeToLive(1).send(queue, "short-lived");
        context.createProducer().send(queue, "long-lived");

        // When
        JMSConsumer later = context.createConsumer(queue);

        // Then
        assertThat(later.receiveBody(String.class, 10_000)).isEqualTo("long-lived");
        assertThat(later.receiveNoWait()).isNull();
    }
}
