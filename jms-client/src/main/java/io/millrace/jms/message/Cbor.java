package io.millrace.jms.message;

import jakarta.jms.MessageFormatException;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Maps and sequences of JMS values as CBOR (RFC 8949): an int is a plain integer; byte, short, char and long are integers with a tag, so
 * that any CBOR reader understands the values and JMS gets its types back. It also reads what other writers made of the same kinds: half
 * floats, indefinite lengths and nested values are refused.
 */
final class Cbor {
    private static final int TAG_BYTE = 80000;
    private static final int TAG_SHORT = 80001;
    private static final int TAG_LONG = 80002;
    private static final int TAG_CHAR = 80003;

    private static final int UNSIGNED = 0;
    private static final int NEGATIVE = 1;
    private static final int BYTES = 2;
    private static final int TEXT = 3;
    private static final int ARRAY = 4;
    private static final int MAP = 5;
    private static final int TAG = 6;
    private static final int SIMPLE = 7;
    private static final int FALSE = 20;
    private static final int TRUE = 21;
    private static final int NULL = 22;
    private static final int FLOAT = 26;
    private static final int DOUBLE = 27;

    private Cbor() {}

    static byte[] writeMap(Map<String, @Nullable Object> map) throws MessageFormatException {
        return write(out -> {
            head(out, MAP, map.size());
            for (Map.Entry<String, @Nullable Object> entry : map.entrySet()) {
                text(out, entry.getKey());
                value(out, entry.getValue());
            }
        });
    }

    static byte[] writeArray(List<@Nullable Object> values) throws MessageFormatException {
        return write(out -> {
            head(out, ARRAY, values.size());
            for (Object value : values) {
                value(out, value);
            }
        });
    }

    static Map<String, @Nullable Object> readMap(byte[] bytes) throws MessageFormatException {
        return read(bytes, in -> {
            int size = count(in, MAP, "map");
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            for (int i = 0; i < size; i++) {
                if (!(readValue(in) instanceof String name)) {
                    throw new MessageFormatException("a map's name is not a text");
                }
                map.put(name, readValue(in));
            }
            return map;
        });
    }

    static List<@Nullable Object> readArray(byte[] bytes) throws MessageFormatException {
        return read(bytes, in -> {
            int size = count(in, ARRAY, "array");
            List<@Nullable Object> values = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                values.add(readValue(in));
            }
            return values;
        });
    }

    private static void value(DataOutputStream out, @Nullable Object value) throws IOException, MessageFormatException {
        if (value == null) {
            out.writeByte(SIMPLE << 5 | NULL);
        } else if (value instanceof String s) {
            text(out, s);
        } else if (value instanceof Boolean b) {
            out.writeByte(SIMPLE << 5 | (b ? TRUE : FALSE));
        } else if (value instanceof Integer i) {
            integer(out, i);
        } else if (value instanceof Long l) {
            head(out, TAG, TAG_LONG);
            integer(out, l);
        } else if (value instanceof Short s) {
            head(out, TAG, TAG_SHORT);
            integer(out, s);
        } else if (value instanceof Byte b) {
            head(out, TAG, TAG_BYTE);
            integer(out, b);
        } else if (value instanceof Character c) {
            head(out, TAG, TAG_CHAR);
            // A lone surrogate is no text, so a char is written as its number.
            integer(out, c);
        } else if (value instanceof Float f) {
            out.writeByte(SIMPLE << 5 | FLOAT);
            out.writeFloat(f);
        } else if (value instanceof Double d) {
            out.writeByte(SIMPLE << 5 | DOUBLE);
            out.writeDouble(d);
        } else {
            byte[] bytes = (byte[]) value;
            head(out, BYTES, bytes.length);
            out.write(bytes);
        }
    }

    private static void text(DataOutputStream out, String text) throws IOException, MessageFormatException {
        byte[] bytes = Utf8.encode(text);
        head(out, TEXT, bytes.length);
        out.write(bytes);
    }

    private static void integer(DataOutputStream out, long value) throws IOException {
        if (value >= 0) {
            head(out, UNSIGNED, value);
        } else {
            head(out, NEGATIVE, -1 - value);
        }
    }

    private static void head(DataOutputStream out, int major, long argument) throws IOException {
        int type = major << 5;
        if (argument < 24) {
            out.writeByte(type | (int) argument);
        } else if (argument < 1L << 8) {
            out.writeByte(type | 24);
            out.writeByte((int) argument);
        } else if (argument < 1L << 16) {
            out.writeByte(type | 25);
            out.writeShort((int) argument);
        } else if (argument < 1L << 32) {
            out.writeByte(type | 26);
            out.writeInt((int) argument);
        } else {
            out.writeByte(type | 27);
            out.writeLong(argument);
        }
    }

    private static @Nullable Object readValue(ByteBuffer in) throws MessageFormatException {
        int initial = in.get() & 0xff;
        int major = initial >> 5;
        if (major == SIMPLE) {
            return switch (initial & 0x1f) {
                case FALSE -> false;
                case TRUE -> true;
                case NULL -> null;
                case FLOAT -> in.getFloat();
                case DOUBLE -> in.getDouble();
                default -> throw new MessageFormatException("a simple value " + (initial & 0x1f) + " is not read");
            };
        }
        long argument = argument(in, initial & 0x1f);
        return switch (major) {
            case UNSIGNED -> number(argument);
            case NEGATIVE -> number(-1 - argument);
            case BYTES -> bytes(in, argument);
            case TEXT -> new String(bytes(in, argument), StandardCharsets.UTF_8);
            case TAG -> tagged((int) argument, readValue(in));
            default -> throw new MessageFormatException("a value within a value is not read");
        };
    }

    private static @Nullable Object tagged(int tag, @Nullable Object value) throws MessageFormatException {
        if (!(value instanceof Number number)) {
            return value;
        }
        return switch (tag) {
            case TAG_BYTE -> number.byteValue();
            case TAG_SHORT -> number.shortValue();
            case TAG_LONG -> number.longValue();
            case TAG_CHAR -> (char) number.intValue();
            default -> value;
        };
    }

    private static Object number(long value) {
        return value == (int) value ? (Object) (int) value : (Object) value;
    }

    private static int count(ByteBuffer in, int major, String kind) throws MessageFormatException {
        int initial = in.get() & 0xff;
        if (initial >> 5 != major) {
            throw new MessageFormatException("the body is no CBOR " + kind);
        }
        long count = argument(in, initial & 0x1f);
        if (count < 0 || count > in.remaining()) {
            throw new MessageFormatException("a CBOR " + kind + " of " + count + " in " + in.remaining() + " bytes");
        }
        return (int) count;
    }

    private static long argument(ByteBuffer in, int information) throws MessageFormatException {
        return switch (information) {
            case 24 -> in.get() & 0xffL;
            case 25 -> in.getShort() & 0xffffL;
            case 26 -> in.getInt() & 0xffffffffL;
            case 27 -> in.getLong();
            case 28, 29, 30, 31 ->
                throw new MessageFormatException("an indefinite or reserved CBOR length is not read");
            default -> information;
        };
    }

    private static byte[] bytes(ByteBuffer in, long length) throws MessageFormatException {
        if (length < 0 || length > in.remaining()) {
            throw new MessageFormatException(length + " bytes of which " + in.remaining() + " are there");
        }
        byte[] bytes = new byte[(int) length];
        in.get(bytes);
        return bytes;
    }

    private static byte[] write(Writer writer) throws MessageFormatException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            writer.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static <T> T read(byte[] bytes, Reader<T> reader) throws MessageFormatException {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        T value;
        try {
            value = reader.read(in);
        } catch (BufferUnderflowException e) {
            MessageFormatException failure = new MessageFormatException("the CBOR of the body ends too early");
            failure.initCause(e);
            throw failure;
        }
        if (in.hasRemaining()) {
            throw new MessageFormatException(in.remaining() + " bytes follow the CBOR of the body");
        }
        return value;
    }

    private interface Writer {
        void write(DataOutputStream out) throws IOException, MessageFormatException;
    }

    private interface Reader<T> {
        T read(ByteBuffer in) throws MessageFormatException;
    }
}
