package io.millrace.simulation.network;

import java.util.Arrays;
import java.util.function.Consumer;

/** Cuts what comes over a link into frames, each behind its length. */
public final class FrameSplitter {
    private static final int LENGTH_BYTES = 4;

    private final Consumer<byte[]> frames;
    private byte[] pending = new byte[0];

    public FrameSplitter(Consumer<byte[]> frames) {
        this.frames = frames;
    }

    public void onBytes(byte[] bytes) {
        byte[] all = pending;
        if (all.length == 0) {
            all = bytes;
        } else {
            all = Arrays.copyOf(pending, pending.length + bytes.length);
            System.arraycopy(bytes, 0, all, pending.length, bytes.length);
        }
        int at = 0;
        while (all.length - at >= LENGTH_BYTES) {
            int length = lengthAt(all, at);
            if (length < 0) {
                throw new IllegalStateException("a frame of " + length + " bytes");
            }
            if (all.length - at - LENGTH_BYTES < length) {
                break;
            }
            byte[] frame = Arrays.copyOfRange(all, at + LENGTH_BYTES, at + LENGTH_BYTES + length);
            at += LENGTH_BYTES + length;
            frames.accept(frame);
        }
        pending = Arrays.copyOfRange(all, at, all.length);
    }

    private static int lengthAt(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 24
                | (bytes[at + 1] & 0xff) << 16
                | (bytes[at + 2] & 0xff) << 8
                | (bytes[at + 3] & 0xff);
    }
}
