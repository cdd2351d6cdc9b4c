import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks at how batches lie in the log, which no client shows: a client that thinks little of the broker sends uncompressed
 * without a word. Speaks Fetch v4 itself. Arguments: bootstrap server, who produced, topic, expected codecs in order.
 */
final class StoredCodecs {
    private static final List<String> CODECS = List.of("none", "gzip", "snappy", "lz4", "zstd");
    private static final int BATCH_PREFIX_BYTES = 12;
    private static final int ATTRIBUTES_AT = 21;
    private static final int LAST_OFFSET_DELTA_AT = 23;

    private final DataInputStream in;
    private final OutputStream out;
    private final byte[] topic;

    private StoredCodecs(Socket socket, String topic) throws IOException {
        this.in = new DataInputStream(socket.getInputStream());
        this.out = socket.getOutputStream();
        this.topic = topic.getBytes(StandardCharsets.UTF_8);
    }

    public static void main(String[] arguments) {
        Checks checks = new Checks(arguments[1]);
        checks.check("batches are stored as they were compressed", () -> {
            String[] address = arguments[0].split(":");
            try (Socket socket = new Socket(address[0], Integer.parseInt(address[1]))) {
                socket.setSoTimeout(20_000);
                Checks.equal(arguments[3], String.join(",", new StoredCodecs(socket, arguments[2]).codecs()), "codecs");
            }
        });
        System.exit(checks.exitCode());
    }

    /** The codecs of partition 0's batches in their order, without repetitions. */
    private List<String> codecs() throws IOException {
        List<String> codecs = new ArrayList<>();
        long next = 0;
        while (true) {
            ByteBuffer records = fetch(next);
            if (records.remaining() < BATCH_PREFIX_BYTES) {
                return codecs;
            }
            while (records.remaining() > LAST_OFFSET_DELTA_AT + Integer.BYTES) {
                int at = records.position();
                int lengthBytes = BATCH_PREFIX_BYTES + records.getInt(at + Long.BYTES);
                String codec = CODECS.get(records.getShort(at + ATTRIBUTES_AT) & 7);
                if (codecs.isEmpty() || !codecs.get(codecs.size() - 1).equals(codec)) {
                    codecs.add(codec);
                }
                next = records.getLong(at) + records.getInt(at + LAST_OFFSET_DELTA_AT) + 1;
                if (lengthBytes > records.remaining()) {
                    break; // cut off by the size of the answer
                }
                records.position(at + lengthBytes);
            }
        }
    }

    private ByteBuffer fetch(long offset) throws IOException {
        ByteBuffer request = ByteBuffer.allocate(256 + topic.length);
        request.putInt(0);
        request.putShort((short) 1).putShort((short) 4).putInt(7).putShort((short) -1); // Fetch v4, correlation id, no client id
        request.putInt(-1).putInt(100).putInt(1).putInt(1 << 20).put((byte) 0); // replica, wait, minimum, maximum, isolation
        request.putInt(1).putShort((short) topic.length).put(topic);
        request.putInt(1).putInt(0).putLong(offset).putInt(1 << 20);
        request.putInt(0, request.position() - Integer.BYTES);
        out.write(request.array(), 0, request.position());
        out.flush();

        byte[] answer = new byte[in.readInt()];
        in.readFully(answer);
        ByteBuffer response = ByteBuffer.wrap(answer);
        Checks.equal(7, response.getInt(), "correlation id");
        response.getInt(); // throttle time
        Checks.equal(1, response.getInt(), "topics");
        response.position(response.position() + Short.BYTES + topic.length);
        Checks.equal(1, response.getInt(), "partitions");
        Checks.equal(0, response.getInt(), "partition");
        Checks.equal((short) 0, response.getShort(), "error code");
        response.getLong(); // high watermark
        response.getLong(); // last stable offset
        int aborted = Math.max(0, response.getInt());
        response.position(response.position() + aborted * 2 * Long.BYTES);
        int lengthBytes = Math.max(0, response.getInt());
        return response.slice(response.position(), lengthBytes);
    }
}
