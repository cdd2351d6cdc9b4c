package io.millrace.broker.journal;

import io.millrace.broker.log.StorageDirectory;
import io.millrace.broker.log.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads what an earlier run left in the journal.
 *
 * <p>Frames are followed by their sequences, from the checkpoint on, through the files, to where the next one is missing or damaged. That is either
 * the torn end of what was being written when the broker died, which is dropped, or damage to what was acknowledged: then a frame behind
 * it, or the checkpoint, says that it was on disk, and the broker refuses to start.
 *
 * <p>Used on the stack of one call.
 */
final class JournalRecovery {
    private final Checkpoint checkpoint;
    private final List<FileState> files = new ArrayList<>();
    private long frames;
    private long entries;
    private long cutBytes;
    private long claimedDurable;
    private String claimedBy = "the checkpoint";

    /** A file and what its header says. */
    record FileState(JournalFile file, JournalFormat.@Nullable FileHeader header, FrameScanner scanner) {
        boolean is(FileState other) {
            return file.name().equals(other.file.name());
        }

        boolean begins(long sequence, long lowestGeneration) {
            return header != null && header.firstSequence() == sequence && header.generation() >= lowestGeneration;
        }

        private long generation() {
            return header == null ? -1 : header.generation();
        }

        long firstSequence() {
            return header == null ? -1 : header.firstSequence();
        }
    }

    /** A place between two frames. */
    private record Place(FileState file, long position, long sequence) {}

    /**
     * What was found.
     *
     * @param generation the highest that is on disk
     * @param nextSequence behind the last frame
     * @param live the files with frames that are not needless, in order
     * @param spare the others
     * @param unsynced the file whose last frames may be in the page cache only, or null
     */
    record Found(
            long generation,
            long nextSequence,
            List<FileState> live,
            List<FileState> spare,
            @Nullable JournalFile unsynced,
            long frames,
            long entries,
            long cutBytes) {}

    JournalRecovery(StorageDirectory directory, Checkpoint checkpoint) {
        this.checkpoint = checkpoint;
        this.claimedDurable = checkpoint.durableSequence();
        for (String name : JournalFiles.names(directory)) {
            var file = directory.open(name);
            FrameScanner scanner = new FrameScanner(file);
            ByteBuffer block = ByteBuffer.allocate(JournalFormat.FILE_HEADER_BYTES);
            file.read(0, block);
            files.add(new FileState(
                    new JournalFile(name, file, scanner.size()),
                    JournalFormat.decodeFileHeader(block.flip(), name),
                    scanner));
        }
    }

    /** Reads all frames that are not needless, in order. */
    Found run(Consumer<JournalEntry> replay) {
        List<FileState> chain = new ArrayList<>();
        Place place = start();
        long syncedUpTo = claimedDurable;
        while (place != null) {
            if (chain.isEmpty() || !place.file.is(chain.get(chain.size() - 1))) {
                chain.add(place.file);
            }
            Place end = follow(place, replay);
            Place next = next(end);
            if (next == null || !next.file.is(end.file)) {
                end.file.scanner.release(); // a frame may be large, and there are many files
            }
            if (next == null) {
                place = end;
                break;
            }
            place = next;
        }
        long nextSequence = Math.max(checkpoint.replayFrom(), place == null ? 1 : place.sequence);
        syncedUpTo = Math.max(syncedUpTo, claimedDurable);
        searchBehind(place, nextSequence);
        if (claimedDurable >= nextSequence) {
            throw damaged(place, nextSequence);
        }
        List<FileState> spare = new ArrayList<>(files);
        spare.removeAll(chain);
        JournalFile unsynced = place == null || syncedUpTo >= nextSequence - 1 ? null : place.file.file;
        return new Found(highestGeneration(), nextSequence, chain, spare, unsynced, frames, entries, cutBytes);
    }

    /** The file in which the first frame to be replayed should be. */
    private @Nullable Place start() {
        FileState first = files.stream()
                .filter(file -> file.header != null && file.firstSequence() <= checkpoint.replayFrom())
                .max(Comparator.comparingLong(FileState::firstSequence).thenComparingLong(FileState::generation))
                .orElse(null);
        return first == null ? null : new Place(first, JournalFormat.BLOCK_BYTES, first.firstSequence());
    }

    /** Takes the frames of one file. Returns where the next one is missing. */
    private Place follow(Place from, Consumer<JournalEntry> replay) {
        FileState file = from.file;
        long position = from.position;
        long sequence = from.sequence;
        while (true) {
            JournalFormat.FrameHeader header = file.scanner.headerAt(position);
            boolean needed = sequence >= checkpoint.replayFrom();
            if (header == null
                    || header.generation() != file.generation()
                    || header.sequence() != sequence
                    || (needed && !file.scanner.isIntact(header))) {
                return new Place(file, position, sequence);
            }
            if (needed) {
                claim(header, file);
                replay(header, file, replay);
            }
            position += JournalFormat.padded(header.lengthBytes());
            sequence++;
        }
    }

    private void replay(JournalFormat.FrameHeader header, FileState file, Consumer<JournalEntry> replay) {
        frames++;
        ByteBuffer content = file.scanner.entries(header, file.file.name());
        for (int i = 0; i < header.entries(); i++) {
            entries++;
            replay.accept(JournalFormat.decodeEntry(content));
        }
    }

    /** Where the frame is that a file does not have: at the beginning of another; or, if frames before the needed ones are damaged, further on. */
    private @Nullable Place next(Place end) {
        FileState successor = files.stream()
                .filter(file -> !file.is(end.file) && file.begins(end.sequence, end.file.generation()))
                .max(Comparator.comparingLong(FileState::generation))
                .orElse(null);
        if (successor != null) {
            return new Place(successor, JournalFormat.BLOCK_BYTES, end.sequence);
        }
        if (end.sequence >= checkpoint.replayFrom()) {
            return null;
        }
        for (long at = end.position; at < end.file.scanner.size(); at += JournalFormat.BLOCK_BYTES) {
            JournalFormat.FrameHeader header = end.file.scanner.headerAt(at);
            if (header != null
                    && header.generation() == end.file.generation()
                    && header.sequence() == checkpoint.replayFrom()
                    && end.file.scanner.isIntact(header)) {
                return new Place(end.file, at, header.sequence());
            }
        }
        return null;
    }

    /** Looks for frames behind the end: they are dropped, but what they say of those before them counts. */
    private void searchBehind(@Nullable Place end, long nextSequence) {
        long generation = end == null ? 0 : end.file.generation();
        for (FileState file : files) {
            if (end != null && file.is(end.file)) {
                searchIn(file, end.position, nextSequence, generation);
            } else if (file.header == null ? !isUnused(file) : isBehind(file, nextSequence, generation)) {
                searchIn(file, JournalFormat.BLOCK_BYTES, nextSequence, generation);
            }
        }
    }

    private static boolean isBehind(FileState file, long nextSequence, long generation) {
        return file.firstSequence() >= nextSequence && file.generation() >= generation;
    }

    /** Whether a file was filled with zeros, and then not used. */
    private static boolean isUnused(FileState file) {
        ByteBuffer block = ByteBuffer.allocate(JournalFormat.BLOCK_BYTES);
        file.file.file().read(0, block);
        block.flip();
        while (block.hasRemaining()) {
            if (block.get() != 0) {
                return false;
            }
        }
        return true;
    }

    private void searchIn(FileState file, long from, long nextSequence, long generation) {
        for (long at = from; at < file.scanner.size(); at += JournalFormat.BLOCK_BYTES) {
            JournalFormat.FrameHeader header = file.scanner.headerAt(at);
            if (header != null && header.generation() >= generation && header.sequence() >= nextSequence) {
                cutBytes += header.lengthBytes();
                if (header.sequence() > nextSequence && file.scanner.isIntact(header)) {
                    claim(header, file);
                }
            }
        }
        file.scanner.release();
    }

    private void claim(JournalFormat.FrameHeader header, FileState file) {
        if (header.durableSequence() > claimedDurable) {
            claimedDurable = header.durableSequence();
            claimedBy = "frame " + header.sequence() + " at " + header.position() + " of " + file.file.name();
        }
    }

    private StorageException damaged(@Nullable Place at, long sequence) {
        String where = at == null
                ? "in none of " + files.size() + " files"
                : "at " + at.position + " of " + at.file.file.name();
        return StorageException.corrupt("acknowledged data is damaged: frame " + sequence
                + " of the journal is not as it was written, " + where + ", but " + claimedBy
                + " says that frames up to " + claimedDurable + " were on disk");
    }

    private long highestGeneration() {
        long highest = checkpoint.generation();
        for (FileState file : files) {
            highest = Math.max(highest, file.generation());
        }
        return highest;
    }
}
