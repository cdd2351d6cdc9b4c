package io.millrace.jms.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.jms.MillraceQueue;
import io.millrace.jms.MillraceTopic;
import io.netty.buffer.UnpooledByteBufAllocator;
import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotWriteableException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What messages refuse, and how their bodies are had as objects (Jakarta Messaging 3.1, 3.11). */
final class MessageRulesTest {
    @Test
    void refusesAPartThatAnArrayDoesNotHave() {
        MillraceMapMessage map = new MillraceMapMessage();
        MillraceStreamMessage stream = new MillraceStreamMessage();

        assertThatThrownBy(() -> map.setBytes("a", new byte[3], 1, 10)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> stream.writeBytes(new byte[3], 1, 10)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> stream.writeBytes(new byte[3], 2, -1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void takesAPartOfAnArray() throws JMSException {
        MillraceMapMessage map = new MillraceMapMessage();

        map.setBytes("a", new byte[] {1, 2, 3}, 1, 2);

        assertThat(map.getBytes("a")).containsExactly(2, 3);
    }

    @Test
    void resetsABytesMessageWhoseBodyIsHad() throws JMSException {
        // Given
        MillraceBytesMessage message = new MillraceBytesMessage();
        message.writeInt(5);
        message.writeInt(6);
        // When
        byte[] written = message.getBody(byte[].class);
        int first = message.readInt();
        byte[] again = message.getBody(byte[].class);
        // Then
        assertThat(written).isEqualTo(again).hasSize(8);
        assertThat(first).isEqualTo(5);
        assertThat(message.readInt()).isEqualTo(5);
        assertThatThrownBy(() -> message.writeInt(1)).isInstanceOf(MessageNotWriteableException.class);
    }

    @Test
    void hasAMapAsMapOrObjectOnly() throws JMSException {
        MillraceMapMessage message = new MillraceMapMessage();
        message.setInt("a", 1);

        assertThat(message.getBody(Map.class)).isEqualTo(Map.of("a", 1));
        assertThat(message.getBody(Object.class)).isEqualTo(Map.of("a", 1));
        assertThat(message.isBodyAssignableTo(HashMap.class)).isFalse();
        assertThatThrownBy(() -> message.getBody(HashMap.class)).isInstanceOf(MessageFormatException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x\uD83D", "\uDE00x", "\uD83D\uDE00\uD83D\uD83D\uDE00"})
    void refusesTextsThatUtf8CanNotHold(String text) throws JMSException {
        MillraceTextMessage body = new MillraceTextMessage();
        body.setText(text);
        MillraceMapMessage map = new MillraceMapMessage();
        map.setString("a", text);
        MillracePlainMessage property = new MillracePlainMessage();
        property.setStringProperty("a", text);
        MillracePlainMessage header = new MillracePlainMessage();
        header.setJMSCorrelationID(text);

        for (MillraceMessage message : new MillraceMessage[] {body, map, property, header}) {
            assertThatThrownBy(() -> message.encode(UnpooledByteBufAllocator.DEFAULT))
                    .isInstanceOf(MessageFormatException.class)
                    .hasMessageContaining("surrogate");
        }
    }

    @Test
    void refusesNamesThatAreNull() {
        assertThatThrownBy(() -> new MillraceQueue(null)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new MillraceTopic(null)).isInstanceOf(IllegalArgumentException.class);
    }
}
