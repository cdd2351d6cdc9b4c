package io.millrace.simulation.check;

import io.millrace.protocol.record.RecordBatch;
import io.millrace.protocol.record.RecordReader;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a Kafka consumer has read of one partition, judged when it reads again: a committed offset never changes, a message lies in the log
 * once. Messages that did not ask for the disk may be gone after a crash, and others in their place.
 */
public final class LogHistory {
    private final String partition;
    private final String destination;
    private final History history;
    private final TreeMap<Long, Content> durable = new TreeMap<>();
    private final TreeMap<Long, Content> other = new TreeMap<>();
    private final Map<MessageName, Long> places = new TreeMap<>();
    private @Nullable Source source;
    private int newest = -1;
    private long readUpTo;

    public LogHistory(String partition, String destination, History history) {
        this.partition = partition;
        this.destination = destination;
        this.history = history;
    }

    /** Whose log is read: one life of a broker, in an epoch in which it leads. */
    public record Source(String broker, int life, int leaderEpoch) {}

    private record Content(@Nullable MessageName name, int hash) {}

    /** Where to read on. */
    public long readUpTo() {
        return readUpTo;
    }

    /**
     * Says who is read from now on; of one who was not read before everything is.
     *
     * @param mayHaveLost whether what did not ask for the disk may be gone there
     */
    public void readFrom(Source next, boolean mayHaveLost) {
        if (next.equals(source)) {
            return;
        }
        if (source != null && mayHaveLost) {
            places.keySet()
                    .removeIf(
                            other.values().stream().map(Content::name).collect(Collectors.toCollection(HashSet::new))
                                    ::contains);
            other.clear();
        }
        source = next;
        readUpTo = 0;
        newest = Math.max(newest, next.leaderEpoch);
    }

    /** Takes committed batches, as read from {@link #readUpTo} on, and moves that on. */
    public void onRead(ByteBuffer batches) {
        int position = batches.position();
        while (position < batches.limit()) {
            RecordBatch batch = new RecordBatch(batches, position);
            if (!RecordBatch.isComplete(batches, position, batches.limit()) || !batch.isIntact()) {
                throw new ViolationError("damaged: a batch of " + partition + " from offset " + readUpTo + " on");
            }
            requireNothingMissing(readUpTo, batch.baseOffset());
            if (!batch.isControl()) {
                RecordReader records = new RecordReader(batch.recordBytes());
                while (records.next()) {
                    onRecord(batch.baseOffset() + records.offsetDelta(), records.value());
                }
            }
            readUpTo = batch.nextOffset();
            position = batch.end();
        }
    }

    /** What was below that offset is kept no more. */
    public void onRetention(long logStartOffset) {
        readUpTo = logStartOffset;
    }

    /** Everything committed was read, as far as the source knows: nothing that was there is missing behind it, or behind the log's end. */
    public void onEnd(long highWatermark, long logEndOffset) {
        requireNothingMissing(readUpTo, highWatermark);
        readUpTo = Math.max(readUpTo, highWatermark);
        if (source != null && source.leaderEpoch == newest) {
            requireNothingMissing(logEndOffset, Long.MAX_VALUE);
        }
    }

    private void requireNothingMissing(long from, long to) {
        Long gone = from < to ? durable.ceilingKey(from) : null;
        if (gone != null && gone < to) {
            Content content = durable.get(gone);
            throw new ViolationError("vanished: offset " + gone + " of " + partition + ", which held "
                    + (content == null ? null : content.name));
        }
    }

    private void onRecord(long offset, @Nullable ByteBuffer value) {
        MessageName name = value == null ? null : MessageName.of(value);
        History.Sent sent = name == null ? null : history.sent(name);
        if (sent == null || !sent.destination().equals(destination)) {
            throw new ViolationError("invented: " + name + " at offset " + offset + " of " + partition);
        }
        Content content = new Content(name, value == null ? 0 : value.hashCode());
        TreeMap<Long, Content> kind = sent.isDurable() ? durable : other;
        Content before = durable.containsKey(offset) ? durable.get(offset) : other.get(offset);
        if (before != null && !before.equals(content)) {
            throw new ViolationError(
                    "changed: offset " + offset + " of " + partition + " held " + before.name + " and holds " + name);
        }
        Long place = places.putIfAbsent(name, offset);
        if (place != null && place != offset) {
            throw new ViolationError(
                    "doubled: " + name + " at offsets " + place + " and " + offset + " of " + partition);
        }
        kind.put(offset, content);
    }
}
