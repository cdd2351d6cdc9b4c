package io.millrace.jms.message;

import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.MessageFormatException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A message whose body is a map of names to values (Jakarta Messaging 3.1, 3.11.3). In the record it is CBOR. */
public final class MillraceMapMessage extends MillraceMessage implements MapMessage {
    private final Map<String, @Nullable Object> map = new LinkedHashMap<>();

    @Override
    public boolean getBoolean(String name) throws JMSException {
        return Conversions.toBoolean(value(name));
    }

    @Override
    public byte getByte(String name) throws JMSException {
        return Conversions.toByte(value(name));
    }

    @Override
    public short getShort(String name) throws JMSException {
        return Conversions.toShort(value(name));
    }

    @Override
    public char getChar(String name) throws JMSException {
        return Conversions.toChar(value(name));
    }

    @Override
    public int getInt(String name) throws JMSException {
        return Conversions.toInt(value(name));
    }

    @Override
    public long getLong(String name) throws JMSException {
        return Conversions.toLong(value(name));
    }

    @Override
    public float getFloat(String name) throws JMSException {
        return Conversions.toFloat(value(name));
    }

    @Override
    public double getDouble(String name) throws JMSException {
        return Conversions.toDouble(value(name));
    }

    @Override
    public @Nullable String getString(String name) throws JMSException {
        return Conversions.toText(value(name));
    }

    @Override
    public byte @Nullable [] getBytes(String name) throws JMSException {
        return Conversions.toBytes(value(name));
    }

    @Override
    public @Nullable Object getObject(String name) throws JMSException {
        return Conversions.bodyValue(value(name));
    }

    @Override
    public Enumeration<String> getMapNames() throws JMSException {
        decodeHeaders();
        return Collections.enumeration(new ArrayList<>(map.keySet()));
    }

    @Override
    public boolean itemExists(String name) throws JMSException {
        decodeHeaders();
        return map.containsKey(name);
    }

    @Override
    public void setBoolean(String name, boolean value) throws JMSException {
        set(name, value);
    }

    @Override
    public void setByte(String name, byte value) throws JMSException {
        set(name, value);
    }

    @Override
    public void setShort(String name, short value) throws JMSException {
        set(name, value);
    }

    @Override
    public void setChar(String name, char value) throws JMSException {
        set(name, value);
    }

    @Override
    public void setInt(String name, int value) throws JMSException {
        set(name, value);
    }

    @Override
    public void setLong(String name, long value) throws JMSException {
        set(name, value);
    }

    @Override
    public void setFloat(String name, float value) throws JMSException {
        set(name, value);
    }

    @Override
    public void setDouble(String name, double value) throws JMSException {
        set(name, value);
    }

    @Override
    public void setString(String name, @Nullable String value) throws JMSException {
        set(name, value);
    }

    @Override
    public void setBytes(String name, byte @Nullable [] value) throws JMSException {
        set(name, value);
    }

    @Override
    public void setBytes(String name, byte[] value, int offset, int length) throws JMSException {
        set(name, Conversions.range(value, offset, length));
    }

    @Override
    public void setObject(String name, @Nullable Object value) throws JMSException {
        set(name, value);
    }

    private @Nullable Object value(String name) throws JMSException {
        decodeHeaders();
        return map.get(name);
    }

    private void set(@Nullable String name, @Nullable Object value) throws JMSException {
        checkBodyWritable();
        if (name == null || name.isEmpty()) {
            throw new IllegalArgumentException("a name in a MapMessage is neither null nor empty");
        }
        map.put(name, Conversions.bodyValue(value));
    }

    /** Map or Object, whatever class of map it is (3.11). */
    @Override
    public <T> @Nullable T getBody(Class<T> c) throws JMSException {
        if (!isBodyAssignableTo(c)) {
            throw new MessageFormatException("the body of a MapMessage is a java.util.Map, which is no " + c.getName());
        }
        return super.getBody(c);
    }

    @Override
    @SuppressWarnings("rawtypes") // as the interface has it
    public boolean isBodyAssignableTo(Class c) throws JMSException {
        checkNotSending();
        return map.isEmpty() || c == Map.class || c == Object.class;
    }

    @Override
    char typeCode() {
        return 'P';
    }

    @Override
    byte[] encodeBody() throws JMSException {
        return Cbor.writeMap(map);
    }

    @Override
    void decodeBody(@Nullable ByteBuffer value) throws JMSException {
        map.clear();
        byte[] bytes = ReceivedHeaders.bytes(value);
        if (bytes != null) {
            map.putAll(Cbor.readMap(bytes));
        }
    }

    @Override
    @Nullable
    Map<String, @Nullable Object> bodyObject() throws JMSException {
        if (map.isEmpty()) {
            return null;
        }
        Map<String, @Nullable Object> copy = new LinkedHashMap<>();
        for (Map.Entry<String, @Nullable Object> entry : map.entrySet()) {
            copy.put(entry.getKey(), Conversions.bodyValue(entry.getValue()));
        }
        return copy;
    }

    @Override
    void emptyBody() {
        map.clear();
    }
}
