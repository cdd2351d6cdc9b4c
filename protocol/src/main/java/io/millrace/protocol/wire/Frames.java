package io.millrace.protocol.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageSizeAccumulator;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.jspecify.annotations.Nullable;

/**
 * Encodes and decodes frames: four bytes of length, a header, a body. Both directions, Kafka's keys and private ones
 * alike. Frames given to a decoder begin behind the length.
 */
public final class Frames {
    /** Bytes of the length before each frame. */
    public static final int LENGTH_BYTES = 4;

    private static final int API_VERSIONS = 18;
    private static final short FLEXIBLE_REQUEST_HEADER = 2;

    private Frames() {}

    /**
     * Reads a request's header. An ApiVersions request of any version, known or not, has a readable header.
     *
     * @return null if no schema has the key, or the version lies outside what the schema knows (ApiVersions excepted):
     *     then the bytes behind the correlation id can not be read
     * @throws MalformedFrameException if the bytes end too early
     */
    public static @Nullable RequestHeader readRequestHeader(ByteBuf in) {
        try {
            short key = in.readShort();
            short version = in.readShort();
            int correlationId = in.readInt();
            Api api = Apis.find(key);
            if (api == null) {
                return null;
            }
            if (key == API_VERSIONS && version > api.highestVersion()) {
                return new RequestHeader(key, version, correlationId, null);
            }
            if (version < 0 || version > api.highestVersion()) {
                return null;
            }
            String clientId = readNullableString(in);
            if (api.requestHeaderVersion(version) >= FLEXIBLE_REQUEST_HEADER) {
                skipTaggedFields(in);
            }
            return new RequestHeader(key, version, correlationId, clientId);
        } catch (IndexOutOfBoundsException e) {
            throw new MalformedFrameException("the frame ends within its request header");
        }
    }

    /**
     * Reads a request's body behind its header. Byte buffers in the message are views of the frame.
     *
     * @throws MalformedFrameException if the bytes are not the message
     */
    public static ApiMessage readRequest(RequestHeader header, ByteBuf in) {
        ApiMessage message = Apis.get(header.apiKey()).newRequest();
        readBody(message, in, new ByteBufReadable(in), header.apiVersion());
        return message;
    }

    /**
     * Reads a request's body behind its header, and notes where in the frame its records fields lie.
     *
     * @param records takes a slice of the frame for each records field that is not null, in the order of the fields;
     *     whoever needs one longer than the frame retains it
     * @throws MalformedFrameException if the bytes are not the message
     */
    public static ApiMessage readRequest(RequestHeader header, ByteBuf in, List<ByteBuf> records) {
        ApiMessage message = Apis.get(header.apiKey()).newRequest();
        readBody(message, in, new ByteBufReadable(in, records), header.apiVersion());
        return message;
    }

    /** Reads a response's correlation id, without moving the buffer. */
    public static int peekCorrelationId(ByteBuf in) {
        if (in.readableBytes() < Integer.BYTES) {
            throw new MalformedFrameException("a response of " + in.readableBytes() + " bytes");
        }
        return in.getInt(in.readerIndex());
    }

    /**
     * Reads a response, header and body, into a message. Byte buffers in the message are views of the frame.
     *
     * @throws MalformedFrameException if the bytes are not the message
     */
    public static void readResponse(short apiVersion, ByteBuf in, ApiMessage message) {
        readResponse(apiVersion, in, message, null);
    }

    /**
     * Reads a response, header and body, into a message, and notes where in the frame its records fields lie.
     *
     * @param records takes a slice of the frame for each records field that is not null, in the order of the fields;
     *     whoever needs one longer than the frame retains it
     * @throws MalformedFrameException if the bytes are not the message
     */
    public static void readResponse(short apiVersion, ByteBuf in, ApiMessage message, @Nullable List<ByteBuf> records) {
        try {
            in.skipBytes(Integer.BYTES);
            if (Apis.get(message.apiKey()).responseHeaderVersion(apiVersion) >= 1) {
                skipTaggedFields(in);
            }
        } catch (IndexOutOfBoundsException e) {
            throw new MalformedFrameException("the frame ends within its response header");
        }
        readBody(message, in, new ByteBufReadable(in, records), apiVersion);
    }

    /** A whole request, its length in front, as one buffer that the caller owns. */
    public static ByteBuf request(ByteBufAllocator allocator, RequestHeader header, ApiMessage body) {
        boolean flexible =
                Apis.get(header.apiKey()).requestHeaderVersion(header.apiVersion()) >= FLEXIBLE_REQUEST_HEADER;
        String clientId = header.clientId();
        byte[] client = clientId == null ? null : clientId.getBytes(StandardCharsets.UTF_8);
        int headerBytes = 10 + (client == null ? 0 : client.length) + (flexible ? 1 : 0);
        ObjectSerializationCache cache = new ObjectSerializationCache();
        MessageSizeAccumulator size = new MessageSizeAccumulator();
        body.addSize(size, cache, header.apiVersion());
        PartsWritable out = new PartsWritable(allocator, LENGTH_BYTES + headerBytes + size.totalSize());
        try {
            out.writeInt(headerBytes + size.totalSize());
            out.writeShort(header.apiKey());
            out.writeShort(header.apiVersion());
            out.writeInt(header.correlationId());
            out.writeShort((short) (client == null ? -1 : client.length));
            if (client != null) {
                out.writeByteArray(client);
            }
            if (flexible) {
                out.writeUnsignedVarint(0);
            }
            body.write(out, cache, header.apiVersion());
        } catch (RuntimeException e) {
            out.discard();
            throw e;
        }
        return (ByteBuf) out.finish().get(0);
    }

    /**
     * A whole response, its length in front, as parts that the caller owns: {@link ByteBuf}s, and between them the
     * sources of {@link SlicedRecords}.
     */
    public static List<Object> response(
            ByteBufAllocator allocator, short apiVersion, int correlationId, ApiMessage body) {
        boolean flexible = Apis.get(body.apiKey()).responseHeaderVersion(apiVersion) >= 1;
        int headerBytes = Integer.BYTES + (flexible ? 1 : 0);
        ObjectSerializationCache cache = new ObjectSerializationCache();
        MessageSizeAccumulator size = new MessageSizeAccumulator();
        body.addSize(size, cache, apiVersion);
        PartsWritable out = new PartsWritable(allocator, LENGTH_BYTES + headerBytes + bufferBytes(body, size));
        try {
            out.writeInt(headerBytes + size.totalSize());
            out.writeInt(correlationId);
            if (flexible) {
                out.writeUnsignedVarint(0);
            }
            body.write(out, cache, apiVersion);
        } catch (RuntimeException e) {
            out.discard();
            throw e;
        }
        return out.finish();
    }

    /** A private message's byte buffers are copied into the frame; Kafka's records mostly lie in files. */
    private static int bufferBytes(ApiMessage body, MessageSizeAccumulator size) {
        return Api.isPrivate(body.apiKey()) ? size.totalSize() : size.sizeExcludingZeroCopy();
    }

    private static void readBody(ApiMessage message, ByteBuf in, ByteBufReadable reader, short version) {
        try {
            message.read(reader, version);
        } catch (MalformedFrameException e) {
            throw e;
        } catch (IndexOutOfBoundsException | IllegalArgumentException | NegativeArraySizeException | KafkaException e) {
            throw new MalformedFrameException("a " + message.getClass().getSimpleName() + " of version " + version
                    + " can not be read: " + e.getMessage());
        } catch (RuntimeException e) {
            throw new MalformedFrameException(
                    "a " + message.getClass().getSimpleName() + " of version " + version + " can not be read: " + e);
        }
        if (in.isReadable()) {
            throw new MalformedFrameException(in.readableBytes() + " bytes follow a "
                    + message.getClass().getSimpleName() + " of version " + version);
        }
    }

    private static @Nullable String readNullableString(ByteBuf in) {
        short length = in.readShort();
        if (length < 0) {
            return null;
        }
        if (length > in.readableBytes()) {
            throw new MalformedFrameException(
                    "a client id of " + length + " bytes in a frame with " + in.readableBytes() + " bytes left");
        }
        return in.readString(length, StandardCharsets.UTF_8);
    }

    private static void skipTaggedFields(ByteBuf in) {
        ByteBufReadable readable = new ByteBufReadable(in);
        int fields = readable.readUnsignedVarint();
        for (int i = 0; i < fields; i++) {
            readable.readUnsignedVarint();
            int length = readable.readUnsignedVarint();
            if (length < 0 || length > in.readableBytes()) {
                throw new MalformedFrameException(
                        "a tagged field of " + length + " bytes in a frame with " + in.readableBytes() + " bytes left");
            }
            in.skipBytes(length);
        }
    }
}
