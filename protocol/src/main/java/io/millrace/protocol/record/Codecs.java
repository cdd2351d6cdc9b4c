package io.millrace.protocol.record;

import io.millrace.protocol.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.utils.BufferSupplier;

/** The codecs of record batches: gzip, snappy, lz4 and zstd, through kafka-clients and its native libraries. */
public final class Codecs {
    private static final int FIRST_BYTES = 64 * 1024;

    private Codecs() {}

    /**
     * The plain records of a batch: a view of the batch where it is not compressed.
     *
     * @param maxBytes the most that they may grow to
     * @throws InvalidBatchException if the bytes are not what the codec wrote, or grow past the limit
     */
    public static ByteBuffer records(RecordBatch batch, int maxBytes) {
        if (!batch.isCompressed()) {
            return batch.recordBytes();
        }
        CompressionType type = type(batch.codec());
        if (type == CompressionType.SNAPPY) {
            SnappyFraming.check(batch.recordBytes(), maxBytes);
        }
        try (InputStream in = Compression.of(type)
                .build()
                .wrapForInput(batch.recordBytes(), RecordBatch.MAGIC, BufferSupplier.NO_CACHING)) {
            return readAll(in, maxBytes);
        } catch (InvalidBatchException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw undecodable(type, e);
        } catch (VirtualMachineError | LinkageError e) {
            throw e;
        } catch (Error e) { // Snappy throws one of its own for bytes that are not its
            throw undecodable(type, e);
        }
    }

    private static CompressionType type(int codec) {
        try {
            return CompressionType.forId(codec);
        } catch (IllegalArgumentException e) {
            throw Varints.malformed("there is no codec " + codec);
        }
    }

    private static InvalidBatchException undecodable(CompressionType type, Throwable why) {
        return Varints.malformed("the batch's records can not be decompressed as " + type.name + ": " + why);
    }

    private static ByteBuffer readAll(InputStream in, int maxBytes) throws IOException {
        byte[] bytes = new byte[Math.min(FIRST_BYTES, maxBytes)];
        int size = 0;
        while (true) {
            int n = in.read(bytes, size, bytes.length - size);
            if (n < 0) {
                return ByteBuffer.wrap(bytes, 0, size);
            }
            size += n;
            if (size == bytes.length) {
                if (size >= maxBytes) {
                    throw new InvalidBatchException(
                            ErrorCode.MESSAGE_TOO_LARGE, "the batch's records grow past " + maxBytes + " bytes");
                }
                bytes = Arrays.copyOf(bytes, (int) Math.min(maxBytes, 2L * size));
            }
        }
    }
}
