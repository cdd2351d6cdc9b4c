package io.millrace.broker.journal;

import io.millrace.broker.format.FormatLevel;

/**
 * The settings of a journal.
 *
 * @param fileBytes the size of a file; the first ones are smaller, so that an empty broker starts fast
 * @param maxFrameBytes a frame is not made larger than this, but for a single entry that is
 * @param lingerMs how long entries that nobody waits for may wait for company
 * @param checkpointBytes after how many bytes of journal, or of unsynced segments, a checkpoint begins
 * @param formats at which level is written; it may rise meanwhile
 * @param mostOpenFiles how many files of segments all lanes together hold open; syncs and readers under way hold as many again at most
 */
public record JournalConfig(
        int fileBytes, int maxFrameBytes, long lingerMs, long checkpointBytes, FormatLevel formats, int mostOpenFiles) {
    /** Of this build's newest level, with no bound for open files. */
    public JournalConfig(int fileBytes, int maxFrameBytes, long lingerMs, long checkpointBytes) {
        this(fileBytes, maxFrameBytes, lingerMs, checkpointBytes, FormatLevel.newest(), Integer.MAX_VALUE);
    }

    public JournalConfig {
        if (fileBytes < 4 * JournalFormat.BLOCK_BYTES || maxFrameBytes <= 0 || lingerMs < 0 || checkpointBytes <= 0) {
            throw new IllegalArgumentException("journal of " + fileBytes + " bytes a file, " + maxFrameBytes
                    + " bytes a frame, " + checkpointBytes + " bytes a checkpoint, linger " + lingerMs + " ms");
        }
    }

    /** How many files of segments a recovery may hold open: there are no sockets and no syncs beside it. */
    int mostOpenFilesOfRecovery() {
        return (int) Math.min(Integer.MAX_VALUE, 2L * mostOpenFiles);
    }

    public static JournalConfig defaults() {
        return new JournalConfig(16 << 20, 4 << 20, 10, 16 << 20);
    }
}
