package io.millrace.jms.message;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A message whose body is bytes (Jakarta Messaging 3.1, 3.11.5): written at the end, and after {@link #reset} or receipt read from the
 * start, in the encodings of {@link java.io.DataOutput}.
 */
public final class MillraceBytesMessage extends MillraceMessage implements BytesMessage {
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

    private ByteBuffer content = EMPTY;
    private @Nullable ByteArrayOutputStream written;
    private @Nullable DataOutputStream out;
    private @Nullable ByteArrayInputStream unread;
    private @Nullable DataInputStream in;

    @Override
    public long getBodyLength() throws JMSException {
        checkBodyReadable();
        return content.remaining();
    }

    @Override
    public void reset() throws JMSException {
        checkNotSending();
        if (!isBodyReadOnly()) {
            content = ByteBuffer.wrap(writtenBytes());
            setBodyReadOnly(true);
        }
        rewind();
    }

    /** The whole body, wherever reading stands: the message is reset before and after, and so becomes readable (3.11). */
    @Override
    public <T> @Nullable T getBody(Class<T> c) throws JMSException {
        reset();
        return super.getBody(c);
    }

    @Override
    public boolean readBoolean() throws JMSException {
        return read(DataInputStream::readBoolean);
    }

    @Override
    public byte readByte() throws JMSException {
        return read(DataInputStream::readByte);
    }

    @Override
    public int readUnsignedByte() throws JMSException {
        return read(DataInputStream::readUnsignedByte);
    }

    @Override
    public short readShort() throws JMSException {
        return read(DataInputStream::readShort);
    }

    @Override
    public int readUnsignedShort() throws JMSException {
        return read(DataInputStream::readUnsignedShort);
    }

    @Override
    public char readChar() throws JMSException {
        return read(DataInputStream::readChar);
    }

    @Override
    public int readInt() throws JMSException {
        return read(DataInputStream::readInt);
    }

    @Override
    public long readLong() throws JMSException {
        return read(DataInputStream::readLong);
    }

    @Override
    public float readFloat() throws JMSException {
        return read(DataInputStream::readFloat);
    }

    @Override
    public double readDouble() throws JMSException {
        return read(DataInputStream::readDouble);
    }

    @Override
    public String readUTF() throws JMSException {
        return read(in -> in.readUTF());
    }

    @Override
    public int readBytes(byte[] value) throws JMSException {
        return readBytes(value, value.length);
    }

    @Override
    public int readBytes(byte[] value, int length) throws JMSException {
        checkBodyReadable();
        if (length < 0 || length > value.length) {
            throw new IndexOutOfBoundsException("length " + length + " of an array of " + value.length);
        }
        return length == 0 ? 0 : unread().read(value, 0, length);
    }

    @Override
    public void writeBoolean(boolean value) throws JMSException {
        write(out -> out.writeBoolean(value));
    }

    @Override
    public void writeByte(byte value) throws JMSException {
        write(out -> out.writeByte(value));
    }

    @Override
    public void writeShort(short value) throws JMSException {
        write(out -> out.writeShort(value));
    }

    @Override
    public void writeChar(char value) throws JMSException {
        write(out -> out.writeChar(value));
    }

    @Override
    public void writeInt(int value) throws JMSException {
        write(out -> out.writeInt(value));
    }

    @Override
    public void writeLong(long value) throws JMSException {
        write(out -> out.writeLong(value));
    }

    @Override
    public void writeFloat(float value) throws JMSException {
        write(out -> out.writeFloat(value));
    }

    @Override
    public void writeDouble(double value) throws JMSException {
        write(out -> out.writeDouble(value));
    }

    @Override
    public void writeUTF(String value) throws JMSException {
        write(out -> out.writeUTF(value));
    }

    @Override
    public void writeBytes(byte[] value) throws JMSException {
        write(out -> out.write(value));
    }

    @Override
    public void writeBytes(byte[] value, int offset, int length) throws JMSException {
        write(out -> out.write(value, offset, length));
    }

    @Override
    public void writeObject(@Nullable Object value) throws JMSException {
        if (value == null) {
            throw new NullPointerException("null can not be written to a BytesMessage");
        }
        if (value instanceof Boolean b) {
            writeBoolean(b);
        } else if (value instanceof Byte b) {
            writeByte(b);
        } else if (value instanceof Short s) {
            writeShort(s);
        } else if (value instanceof Character c) {
            writeChar(c);
        } else if (value instanceof Integer i) {
            writeInt(i);
        } else if (value instanceof Long l) {
            writeLong(l);
        } else if (value instanceof Float f) {
            writeFloat(f);
        } else if (value instanceof Double d) {
            writeDouble(d);
        } else if (value instanceof String s) {
            writeUTF(s);
        } else if (value instanceof byte[] bytes) {
            writeBytes(bytes);
        } else {
            throw new MessageFormatException(
                    "an object of type " + value.getClass().getName()
                            + " can not be written to a BytesMessage; wrapped primitives, String and byte[] can");
        }
    }

    @Override
    char typeCode() {
        return 'B';
    }

    @Override
    byte[] encodeBody() {
        return isBodyReadOnly() ? copy(content) : writtenBytes();
    }

    @Override
    void decodeBody(@Nullable ByteBuffer value) {
        content = value == null ? EMPTY : value;
        rewind();
    }

    @Override
    byte @Nullable [] bodyObject() {
        byte[] body = encodeBody();
        return body.length == 0 ? null : body;
    }

    @Override
    void emptyBody() {
        written = null;
        out = null;
        content = EMPTY;
        rewind();
    }

    private void rewind() {
        unread = null;
        in = null;
    }

    private byte[] writtenBytes() {
        return written == null ? new byte[0] : written.toByteArray();
    }

    private static byte[] copy(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return copy;
    }

    private ByteArrayInputStream unread() {
        ByteArrayInputStream stream = unread;
        if (stream == null) {
            stream = new ByteArrayInputStream(
                    content.array(), content.arrayOffset() + content.position(), content.remaining());
            unread = stream;
        }
        return stream;
    }

    private DataInputStream in() {
        DataInputStream stream = in;
        if (stream == null) {
            stream = new DataInputStream(unread());
            in = stream;
        }
        return stream;
    }

    private DataOutputStream out() {
        DataOutputStream stream = out;
        if (stream == null) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            stream = new DataOutputStream(bytes);
            written = bytes;
            out = stream;
        }
        return stream;
    }

    private <T> T read(Read<T> read) throws JMSException {
        checkBodyReadable();
        ByteArrayInputStream position = unread();
        position.mark(0);
        try {
            return read.from(in());
        } catch (EOFException e) {
            position.reset();
            MessageEOFException end = new MessageEOFException("the body ends here, or within what is being read");
            end.initCause(e);
            throw end;
        } catch (IOException e) {
            position.reset();
            throw failure(e);
        }
    }

    private void write(Write write) throws JMSException {
        checkBodyWritable();
        try {
            write.to(out());
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private static MessageFormatException failure(IOException cause) {
        MessageFormatException failure = new MessageFormatException(cause.toString());
        failure.initCause(cause);
        return failure;
    }

    private interface Read<T> {
        T from(DataInputStream in) throws IOException;
    }

    private interface Write {
        void to(DataOutputStream out) throws IOException;
    }
}
