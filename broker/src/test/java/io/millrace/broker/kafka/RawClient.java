package io.millrace.broker.kafka;

import io.millrace.protocol.wire.Apis;
import io.millrace.protocol.wire.Frames;
import io.millrace.protocol.wire.RequestHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import org.apache.kafka.common.protocol.ApiMessage;

/** A client on a plain socket that sends what it is told, byte by byte if need be. */
final class RawClient implements AutoCloseable {
    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private int lastCorrelationId;

    RawClient(int port) throws IOException {
        socket = new Socket("127.0.0.1", port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(20_000);
        in = new DataInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    /** Sends a request and reads its answer. */
    ApiMessage call(ApiMessage request, int version) throws IOException {
        send(request, version);
        return answer(request.apiKey(), version);
    }

    int send(ApiMessage request, int version) throws IOException {
        write(encode(request, version, ++lastCorrelationId));
        return lastCorrelationId;
    }

    ApiMessage answer(short key, int version) throws IOException {
        ByteBuf frame = frame();
        ApiMessage response = Apis.get(key).newResponse();
        Frames.readResponse((short) version, frame, response);
        return response;
    }

    /** The next frame, without its length. */
    ByteBuf frame() throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return Unpooled.wrappedBuffer(bytes);
    }

    void write(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    /** Ends the sending side, and reads until the broker ends its own; true if it did, false if it took too long. */
    boolean drains() throws IOException {
        socket.shutdownOutput();
        return isClosedByBroker();
    }

    /** Reads until the broker closes; true if it did, false if it took too long. */
    boolean isClosedByBroker() {
        byte[] buffer = new byte[8192];
        try {
            while (in.read(buffer) >= 0) {
                // answers to what was valid
            }
            return true;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true; // reset
        }
    }

    /** A frame, its length in front. */
    static byte[] encode(ApiMessage request, int version, int correlationId) {
        RequestHeader header = new RequestHeader(request.apiKey(), (short) version, correlationId, "raw");
        ByteBuf frame = Frames.request(UnpooledByteBufAllocator.DEFAULT, header, request);
        byte[] bytes = new byte[frame.readableBytes()];
        frame.readBytes(bytes).release();
        return bytes;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
