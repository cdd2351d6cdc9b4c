package io.millrace.broker.delivery;

import io.millrace.broker.format.FormatLevel;
import io.millrace.broker.format.Formats;
import io.millrace.broker.format.Structure;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes and reads a whole {@link DeliveryState}: the bytes of a snapshot, and of {@code STATE} records. The same state gives the same
 * bytes, however it came about.
 */
public final class DeliveryStateCodec {
    /** From here on a snapshot says at which format level it was written. */
    private static final short VERSION_WITH_LEVEL = 2;

    private static final int CHUNK_BITS = 16;
    private static final int CHUNK = 1 << CHUNK_BITS;
    /** From so many runs on a bitmap of 8 KiB is the shorter way to say it. */
    private static final int MAX_RUNS = 4096;

    private static final byte RUNS = 0;
    private static final byte BITMAP = 1;

    private DeliveryStateCodec() {}

    /** The same at this build's newest level. */
    public static byte[] encode(DeliveryState state) {
        return encode(state, FormatLevel.newest());
    }

    /** The state as bytes. */
    public static byte[] encode(DeliveryState state, FormatLevel formats) {
        int level = formats.level();
        short version = formats.formats().version(Structure.DELIVERY_SNAPSHOT, level);
        ByteBuf out = Unpooled.buffer(256);
        out.writeShort(version);
        if (version >= VERSION_WITH_LEVEL) {
            Fields.writeLong(out, level);
        }
        Fields.writeLong(out, state.nextSubscriptionId());
        Fields.writeLong(out, state.leaderEpoch());
        Fields.writeLong(out, state.messageEnd());
        Fields.writeLong(out, state.deliveryEnd());
        Fields.writeLong(out, state.subscriptions().size());
        for (SubscriptionState subscription : state.subscriptions()) {
            writeSubscription(out, subscription);
        }
        writeAttached(out, state);
        byte[] bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        return bytes;
    }

    private static void writeAttached(ByteBuf out, DeliveryState state) {
        Fields.writeLong(out, state.lastHolder());
        Fields.writeLong(out, state.attached().size());
        state.attached().forEach((holder, consumer) -> {
            Fields.writeLong(out, holder);
            Fields.writeLong(out, consumer.subscriptionId());
            Fields.writeUuid(out, consumer.connectionId());
            Fields.writeLong(out, consumer.consumerId());
        });
    }

    private static void readAttached(ByteBuffer in, DeliveryState state) {
        int count = Fields.readCount(in, 3);
        for (int i = 0; i < count; i++) {
            int holder = Fields.readInt(in);
            state.addAttached(holder, new Attached(Fields.readInt(in), Fields.readUuid(in), Fields.readInt(in)));
        }
    }

    /**
     * The state that was written as {@code bytes}.
     *
     * @throws DeliveryFormatException if they are damaged or written by a newer build
     */
    public static DeliveryState decode(ByteBuffer bytes) {
        ByteBuffer in = bytes.duplicate();
        short version = Fields.readShort(in);
        short newest = Formats.ofBuild().newest(Structure.DELIVERY_SNAPSHOT);
        if (version < 1 || version > newest) {
            throw new DeliveryFormatException("a snapshot of version " + version + ", this build reads up to " + newest
                    + ": another build wrote it");
        }
        if (version >= VERSION_WITH_LEVEL) {
            int level = Fields.readInt(in);
            if (!Formats.ofBuild().levels().contains(level)) {
                throw new DeliveryFormatException("a snapshot of format level " + level + ", this build knows "
                        + Formats.ofBuild().levels());
            }
        }
        int nextSubscriptionId = Fields.readInt(in);
        int leaderEpoch = Fields.readInt(in);
        long messageEnd = Fields.readOffset(in);
        long deliveryEnd = Fields.readOffset(in);
        DeliveryState state = new DeliveryState();
        int count = Fields.readCount(in, 1);
        for (int i = 0; i < count; i++) {
            state.add(readSubscription(in));
        }
        int lastHolder = Fields.readInt(in);
        readAttached(in, state);
        state.restore(lastHolder, nextSubscriptionId, leaderEpoch, messageEnd, deliveryEnd);
        if (in.hasRemaining()) {
            throw new DeliveryFormatException(in.remaining() + " bytes behind the end of a snapshot");
        }
        return state;
    }

    private static void writeSubscription(ByteBuf out, SubscriptionState subscription) {
        Fields.writeLong(out, subscription.id());
        Fields.writeKey(out, subscription.key());
        Fields.writeLong(out, subscription.incarnation());
        Fields.writeText(out, subscription.selector());
        out.writeBoolean(subscription.noLocal());
        Fields.writeLong(out, subscription.floor());
        Fields.writeLong(out, subscription.mark());
        long[] crashMarks = subscription.crashMarks();
        Fields.writeLong(out, crashMarks.length);
        for (long crashMark : crashMarks) {
            Fields.writeLong(out, crashMark);
        }
        Fields.writeLong(out, subscription.counts().size());
        subscription.counts().forEach((first, last, count) -> {
            Fields.writeLong(out, first);
            Fields.writeLong(out, last - first);
            Fields.writeLong(out, count);
        });
        writeSet(out, subscription.settled());
        writeSet(out, subscription.givenBack());
    }

    private static SubscriptionState readSubscription(ByteBuffer in) {
        int id = Fields.readInt(in);
        SubscriptionKey key = Fields.readKey(in);
        long incarnation = Fields.readLong(in);
        String selector = Fields.readText(in);
        boolean noLocal = Fields.readBoolean(in);
        long floor = Fields.readOffset(in);
        long mark = Fields.readOffset(in);
        SubscriptionState subscription = new SubscriptionState(id, key, incarnation, selector, noLocal, floor);
        long[] crashMarks = new long[Fields.readCount(in, 1)];
        for (int i = 0; i < crashMarks.length; i++) {
            crashMarks[i] = Fields.readOffset(in);
        }
        subscription.restore(mark, crashMarks);
        int counts = Fields.readCount(in, 3);
        for (int i = 0; i < counts; i++) {
            long first = Fields.readOffset(in);
            long last = first + Fields.readOffset(in);
            subscription.counts().set(first, last, Fields.readInt(in));
        }
        readSet(in, subscription.settled());
        readSet(in, subscription.givenBack());
        return subscription;
    }

    // ---- sets of offsets, in chunks of 2^16

    private static void writeSet(ByteBuf out, OffsetSet set) {
        ChunkWriter writer = new ChunkWriter(out);
        set.forEachRun(writer::run);
        writer.end();
    }

    private static void readSet(ByteBuffer in, OffsetSet set) {
        long key = 0;
        while (true) {
            long step = Fields.readLong(in);
            if (step < 0) {
                return;
            }
            key += step;
            long base = key << CHUNK_BITS;
            if (base < 0 || base >>> CHUNK_BITS != key) {
                throw new DeliveryFormatException("a set of offsets goes past the largest one");
            }
            byte type = Fields.readByte(in);
            switch (type) {
                case RUNS -> readRuns(in, set, base);
                case BITMAP -> readBitmap(in, set, base);
                default -> throw new DeliveryFormatException("a set of offsets holds a chunk of type " + type);
            }
        }
    }

    private static void readRuns(ByteBuffer in, OffsetSet set, long base) {
        int runs = Fields.readCount(in, 2);
        long at = 0;
        for (int i = 0; i < runs; i++) {
            long first = at + Fields.readOffset(in);
            long last = first + Fields.readOffset(in);
            if (first > last || last >= CHUNK) {
                throw new DeliveryFormatException("a run from " + first + " to " + last + " in a chunk of " + CHUNK);
            }
            set.add(base + first, base + last);
            at = last + 1;
        }
    }

    private static void readBitmap(ByteBuffer in, OffsetSet set, long base) {
        Fields.need(in, CHUNK / Byte.SIZE);
        for (int i = 0; i < CHUNK / Long.SIZE; i++) {
            long word = in.getLong();
            while (word != 0) {
                int first = Long.numberOfTrailingZeros(word);
                int length = Long.numberOfTrailingZeros(~(word >>> first));
                long from = base + (long) i * Long.SIZE + first;
                set.add(from, from + length - 1);
                word = first + length >= Long.SIZE ? 0 : word & (-1L << (first + length));
            }
        }
    }

    /** Gathers the runs of one chunk, then writes them the shorter way. */
    private static final class ChunkWriter {
        private final ByteBuf out;
        private final List<int[]> runs = new ArrayList<>();
        private long key = -1;
        private long previousKey;

        ChunkWriter(ByteBuf out) {
            this.out = out;
        }

        void run(long first, long last) {
            for (long from = first; from <= last; ) {
                long to = Math.min(last, from | (CHUNK - 1));
                if (from >>> CHUNK_BITS != key) {
                    flush();
                    key = from >>> CHUNK_BITS;
                }
                runs.add(new int[] {(int) (from & (CHUNK - 1)), (int) (to & (CHUNK - 1))});
                from = to + 1;
            }
        }

        void end() {
            flush();
            Fields.writeLong(out, -1);
        }

        private void flush() {
            if (runs.isEmpty()) {
                return;
            }
            Fields.writeLong(out, key - previousKey);
            previousKey = key;
            if (runs.size() > MAX_RUNS) {
                writeBitmap();
            } else {
                writeRuns();
            }
            runs.clear();
        }

        private void writeRuns() {
            out.writeByte(RUNS);
            Fields.writeLong(out, runs.size());
            int at = 0;
            for (int[] run : runs) {
                Fields.writeLong(out, run[0] - at);
                Fields.writeLong(out, run[1] - run[0]);
                at = run[1] + 1;
            }
        }

        private void writeBitmap() {
            out.writeByte(BITMAP);
            long[] words = new long[CHUNK / Long.SIZE];
            for (int[] run : runs) {
                for (int bit = run[0]; bit <= run[1]; bit++) {
                    words[bit / Long.SIZE] |= 1L << (bit % Long.SIZE);
                }
            }
            for (long word : words) {
                out.writeLong(word);
            }
        }
    }
}
