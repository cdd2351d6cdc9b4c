package io.millrace.jms.message;

import jakarta.jms.JMSException;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.StreamMessage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message whose body is a sequence of values (Jakarta Messaging 3.1, 3.11.2). A read that fails does not step on. In the record it
 * is CBOR.
 */
public final class MillraceStreamMessage extends MillraceMessage implements StreamMessage {
    private final List<@Nullable Object> values = new ArrayList<>();
    private int next;
    /** The array that {@link #readBytes} is within, and how much of it was read. */
    private byte @Nullable [] array;

    private int arrayRead;

    @Override
    public boolean readBoolean() throws JMSException {
        return took(Conversions.toBoolean(peek()));
    }

    @Override
    public byte readByte() throws JMSException {
        return took(Conversions.toByte(peek()));
    }

    @Override
    public short readShort() throws JMSException {
        return took(Conversions.toShort(peek()));
    }

    @Override
    public char readChar() throws JMSException {
        return took(Conversions.toChar(peek()));
    }

    @Override
    public int readInt() throws JMSException {
        return took(Conversions.toInt(peek()));
    }

    @Override
    public long readLong() throws JMSException {
        return took(Conversions.toLong(peek()));
    }

    @Override
    public float readFloat() throws JMSException {
        return took(Conversions.toFloat(peek()));
    }

    @Override
    public double readDouble() throws JMSException {
        return took(Conversions.toDouble(peek()));
    }

    @Override
    public @Nullable String readString() throws JMSException {
        String text = Conversions.toText(peek());
        next++;
        return text;
    }

    @Override
    public @Nullable Object readObject() throws JMSException {
        Object value = Conversions.bodyValue(peek());
        next++;
        return value;
    }

    @Override
    public int readBytes(byte[] value) throws JMSException {
        checkBodyReadable();
        byte[] from = array;
        if (from == null) {
            Object candidate = peek();
            if (candidate == null) {
                next++;
                return -1;
            }
            if (!(candidate instanceof byte[] bytes)) {
                throw new MessageFormatException(
                        "a value of type " + candidate.getClass().getSimpleName() + " can not be read as byte[]");
            }
            from = bytes;
            array = bytes;
            arrayRead = 0;
            if (from.length == 0) {
                endArray();
                return 0;
            }
        } else if (arrayRead == from.length) {
            endArray();
            return -1;
        }
        int n = Math.min(value.length, from.length - arrayRead);
        System.arraycopy(from, arrayRead, value, 0, n);
        arrayRead += n;
        if (n < value.length) {
            endArray();
        }
        return n;
    }

    @Override
    public void writeBoolean(boolean value) throws JMSException {
        write(value);
    }

    @Override
    public void writeByte(byte value) throws JMSException {
        write(value);
    }

    @Override
    public void writeShort(short value) throws JMSException {
        write(value);
    }

    @Override
    public void writeChar(char value) throws JMSException {
        write(value);
    }

    @Override
    public void writeInt(int value) throws JMSException {
        write(value);
    }

    @Override
    public void writeLong(long value) throws JMSException {
        write(value);
    }

    @Override
    public void writeFloat(float value) throws JMSException {
        write(value);
    }

    @Override
    public void writeDouble(double value) throws JMSException {
        write(value);
    }

    @Override
    public void writeString(@Nullable String value) throws JMSException {
        write(value);
    }

    @Override
    public void writeBytes(byte @Nullable [] value) throws JMSException {
        write(value);
    }

    @Override
    public void writeBytes(byte[] value, int offset, int length) throws JMSException {
        write(Conversions.range(value, offset, length));
    }

    @Override
    public void writeObject(@Nullable Object value) throws JMSException {
        write(value);
    }

    @Override
    public void reset() throws JMSException {
        decodeHeaders();
        setBodyReadOnly(true);
        rewind();
    }

    /** Always refused: a sequence of values has no one object (3.11). */
    @Override
    public <T> @Nullable T getBody(Class<T> c) throws JMSException {
        throw new MessageFormatException("the body of a StreamMessage can not be had as one object");
    }

    @Override
    @SuppressWarnings("rawtypes") // as the interface has it
    public boolean isBodyAssignableTo(Class c) {
        return false;
    }

    private @Nullable Object peek() throws JMSException {
        checkBodyReadable();
        if (array != null) {
            throw new MessageFormatException("a byte[] was read in part; readBytes() reads the rest first");
        }
        if (next >= values.size()) {
            throw new MessageEOFException("the stream has no more values than " + values.size());
        }
        return values.get(next);
    }

    private <T> T took(T value) {
        next++;
        return value;
    }

    private void write(@Nullable Object value) throws JMSException {
        checkBodyWritable();
        values.add(Conversions.bodyValue(value));
    }

    private void endArray() {
        array = null;
        next++;
    }

    private void rewind() {
        next = 0;
        array = null;
        arrayRead = 0;
    }

    @Override
    char typeCode() {
        return 'S';
    }

    @Override
    byte[] encodeBody() throws JMSException {
        return Cbor.writeArray(values);
    }

    @Override
    void decodeBody(@Nullable ByteBuffer value) throws JMSException {
        emptyBody();
        byte[] bytes = ReceivedHeaders.bytes(value);
        if (bytes != null) {
            values.addAll(Cbor.readArray(bytes));
        }
    }

    @Override
    @Nullable
    Object bodyObject() {
        return null;
    }

    @Override
    void emptyBody() {
        values.clear();
        rewind();
    }
}
