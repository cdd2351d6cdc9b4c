package io.millrace.broker.journal;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides what the journal writes where: takes the lanes' turns, makes frames of them, rolls files, and knows which file is needed until when.
 * One write is under way at a time: {@link #begin}, then write and sync, then {@link #onSynced}.
 *
 * <p>Invariants:
 * <ul>
 *   <li>Frames are numbered without a gap, over all files and runs. A frame names the highest sequence that was synced when it was
 *       made, so a frame that is missing up to there was lost after it was acknowledged.
 *   <li>A run never writes behind frames of an earlier run. Before its first frame it makes its generation durable.
 *   <li>Entries of one lane are written in the order in which they were handed over.
 *   <li>A file is used again only when a checkpoint has made all its frames needless.
 * </ul>
 *
 * <p>Owned by the journal's thread.
 */
public final class JournalWriter {
    /** How many files are kept ready, so that the next one is there when one is full. */
    private static final int READY_FILES = 2;

    private final JournalConfig config;
    private final long generation;
    private final FrameEncoder encoder = new FrameEncoder();
    private final ArrayDeque<JournalTurn> turns = new ArrayDeque<>();
    private final ArrayDeque<JournalFile> ready = new ArrayDeque<>();
    private final ArrayDeque<LiveFile> live = new ArrayDeque<>();
    private final Map<LaneJournal, Long> tickets = new LinkedHashMap<>();
    /** Entries of the first turn that are in the frame at hand or in an earlier one. */
    private int taken;
    /** Whether there is a frame at hand that was not synced yet. */
    private boolean framed;

    private @Nullable JournalWrite underWay;
    private boolean generationDurable;
    private long position;
    private long nextSequence;
    private long durableSequence;
    private long waitingBytes;
    private int urgentTurns;
    private long writtenBytes;

    /** A file with frames that a recovery may need. */
    private record LiveFile(JournalFile file, long firstSequence) {}

    /** Entries of a lane up to a ticket are durable. */
    public record Flushed(LaneJournal lane, long ticket) {}

    /**
     * @param generation above that of all frames on disk
     * @param nextSequence behind all frames that are on disk
     */
    JournalWriter(JournalConfig config, long generation, long nextSequence) {
        this.config = config;
        this.generation = generation;
        this.nextSequence = nextSequence;
        this.durableSequence = nextSequence - 1;
    }

    /** Takes over a file that an earlier run has written. They come in the order of their sequences, before anything is written. */
    void addLive(JournalFile file, long firstSequence) {
        live.addLast(new LiveFile(file, firstSequence));
    }

    // ---- turns

    /** Takes a turn. One without entries says that somebody waits for those before it. */
    public void add(JournalTurn turn) {
        if (turn.entries().isEmpty() && turns.isEmpty()) {
            return;
        }
        turns.addLast(turn);
        waitingBytes += bytesOf(turn);
        if (turn.somebodyWaits()) {
            urgentTurns++;
        }
    }

    /** Whether there is something to write. */
    public boolean hasWork() {
        return framed || !turns.isEmpty();
    }

    /** Whether it should be written at once: somebody waits for it, or it fills a frame. */
    public boolean isUrgent() {
        return framed || urgentTurns > 0 || waitingBytes >= config.maxFrameBytes();
    }

    // ---- writing

    /**
     * The next write. Null if there is nothing to write, or no file to write it to: see {@link #needsFile}. If it throws as the disk is full
     * it may be run again later; if it throws otherwise, or the sync does, the journal has failed.
     */
    public @Nullable JournalWrite begin() {
        if (underWay != null) {
            throw new IllegalStateException("a write of " + underWay.lengthBytes() + " bytes is under way");
        }
        if (!hasWork()) {
            return null;
        }
        return generationDurable ? beginFrame() : beginGeneration();
    }

    /** Before its first frame a run makes its generation durable, so that the next run, whatever a crash left, takes a higher one. */
    public @Nullable JournalWrite beginGeneration() {
        if (generationDurable || ready.isEmpty()) {
            return null;
        }
        JournalFile file = roll();
        position = JournalFormat.BLOCK_BYTES;
        underWay = new JournalWrite(file.name(), file.file(), 0, List.of(fileHeader()), JournalFormat.BLOCK_BYTES);
        return underWay;
    }

    private @Nullable JournalWrite beginFrame() {
        if (!framed) {
            encode();
        }
        long frameBytes = JournalFormat.padded(encoder.lengthBytes());
        LiveFile current = live.getLast();
        // A frame that is larger than a file gets a file of its own, which grows.
        if (position + frameBytes > current.file.sizeBytes() && position > JournalFormat.BLOCK_BYTES) {
            if (ready.isEmpty()) {
                return null;
            }
            roll();
        }
        JournalFile file = live.getLast().file;
        List<ByteBuffer> buffers = new ArrayList<>();
        long start = position;
        if (position == 0) {
            buffers.add(fileHeader());
            position = JournalFormat.BLOCK_BYTES;
        }
        buffers.addAll(encoder.end(
                new JournalFormat.FrameHeader(
                        encoder.lengthBytes(),
                        0,
                        generation,
                        nextSequence,
                        durableSequence,
                        position,
                        encoder.entries(),
                        config.formats().level()),
                config.formats().formats()));
        position += frameBytes;
        nextSequence++;
        underWay = new JournalWrite(file.name(), file.file(), start, buffers, (int) (position - start));
        return underWay;
    }

    private JournalFile roll() {
        JournalFile file = ready.removeFirst();
        live.addLast(new LiveFile(file, nextSequence));
        position = 0;
        return file;
    }

    private ByteBuffer fileHeader() {
        return JournalFormat.encode(new JournalFormat.FileHeader(generation, nextSequence), config.formats());
    }

    private void encode() {
        encoder.begin();
        framed = true;
        while (!turns.isEmpty()) {
            JournalTurn turn = turns.getFirst();
            List<JournalEntry> entries = turn.entries();
            for (; taken < entries.size(); taken++) {
                JournalEntry entry = entries.get(taken);
                long bytes = encoder.lengthBytes() + FrameEncoder.bytesOf(entry);
                if (encoder.entries() > 0 && bytes > config.maxFrameBytes()) {
                    break;
                }
                encoder.add(entry);
            }
            LaneJournal lane = turn.lane();
            if (taken > 0 && lane != null) {
                tickets.put(lane, turn.lastTicket() - (entries.size() - taken));
            }
            if (taken < entries.size()) {
                return;
            }
            taken = 0;
            turns.removeFirst();
            urgentTurns -= turn.somebodyWaits() ? 1 : 0;
        }
    }

    /** The write that {@link #begin} gave is on disk. Tells whose entries are durable by it. */
    public List<Flushed> onSynced() {
        JournalWrite synced = underWay;
        if (synced == null) {
            throw new IllegalStateException("no write is under way");
        }
        underWay = null;
        writtenBytes += synced.lengthBytes();
        if (!generationDurable) {
            generationDurable = true;
            return List.of();
        }
        framed = false;
        waitingBytes -= encoder.lengthBytes() - JournalFormat.FRAME_HEADER_BYTES;
        durableSequence = nextSequence - 1;
        List<Flushed> flushed = new ArrayList<>(tickets.size());
        tickets.forEach((lane, ticket) -> flushed.add(new Flushed(lane, ticket)));
        tickets.clear();
        return flushed;
    }

    // ---- files

    /** Whether a file should be prepared, so that there is one when this one is full. */
    public boolean needsFile() {
        return ready.size() < READY_FILES;
    }

    /** Gives the writer a prepared file. */
    public void addFile(JournalFile file) {
        ready.addLast(file);
    }

    /**
     * A checkpoint has made all frames below a sequence needless. Their files are used again.
     *
     * @return those that are not: to be deleted
     */
    public List<JournalFile> retire(long replayFrom) {
        List<JournalFile> surplus = new ArrayList<>();
        while (live.size() > 1 && secondLive().firstSequence <= replayFrom) {
            JournalFile file = live.removeFirst().file;
            if (wantsReady()) {
                ready.addLast(file);
            } else {
                surplus.add(file);
            }
        }
        return surplus;
    }

    /** Whether one more file is worth keeping: between two checkpoints, about so many are used. */
    boolean wantsReady() {
        long used = 2 * config.checkpointBytes() / config.fileBytes();
        return ready.size() + live.size() < used + READY_FILES;
    }

    private LiveFile secondLive() {
        var files = live.iterator();
        files.next();
        return files.next();
    }

    /** How many bytes of what was not handed over yet still find room in the files at hand. */
    public long roomBytes() {
        long room = live.isEmpty() || !generationDurable
                ? 0
                : Math.max(0, live.getLast().file.sizeBytes() - position);
        for (JournalFile file : ready) {
            room += file.sizeBytes() - JournalFormat.BLOCK_BYTES;
        }
        return room - waitingBytes;
    }

    // ---- figures

    /** The sequence of the next frame: all turns of frames below were handed over. */
    public long nextSequence() {
        return nextSequence;
    }

    /** The highest sequence that is on disk. */
    public long durableSequence() {
        return durableSequence;
    }

    /** How many bytes were written in this run. */
    public long writtenBytes() {
        return writtenBytes;
    }

    /** All files, open: to be closed at the end. */
    public List<JournalFile> files() {
        List<JournalFile> files = new ArrayList<>(ready);
        live.forEach(file -> files.add(file.file));
        return files;
    }

    private static long bytesOf(JournalTurn turn) {
        return turn.contentBytes() + (long) turn.entries().size() * JournalFormat.ENTRY_HEADER_BYTES;
    }
}
