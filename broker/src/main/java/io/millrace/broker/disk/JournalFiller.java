package io.millrace.broker.disk;

import io.millrace.broker.journal.JournalFile;
import io.millrace.broker.journal.JournalFiles;
import io.millrace.broker.log.StorageException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the journal's files ahead, and deletes those that are too many, in a thread of its own. For any thread. */
final class JournalFiller implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JournalFiller.class);
    /** How long to wait before another try when the disk is full. */
    private static final long RETRY_MS = 500;

    private static final long END_TIMEOUT_MS = 10_000;

    private final JournalFiles files;
    private final JournalThread journal;
    private final BackgroundThread thread;
    private final AtomicBoolean requested = new AtomicBoolean();
    private boolean full;

    JournalFiller(JournalFiles files, JournalThread journal) {
        this.files = files;
        this.journal = journal;
        this.thread = new BackgroundThread("millrace-journal-files", journal::abort);
    }

    /** Asks for a file. Asked again before there is one, it does nothing. */
    void request() {
        if (requested.compareAndSet(false, true)) {
            thread.execute(this::make);
        }
    }

    void delete(List<JournalFile> needless) {
        thread.execute(() -> needless.forEach(files::delete));
    }

    private void make() {
        try {
            JournalFile file = files.create();
            if (full) {
                full = false;
                LOG.info("the disk has room for the journal again");
            }
            requested.set(false);
            journal.addFile(file);
        } catch (StorageException e) {
            if (!e.isDiskFull()) {
                throw e;
            }
            onFull(e);
        }
    }

    private void onFull(StorageException e) {
        if (!full) {
            full = true;
            LOG.warn("the disk has no room for another journal file: messages are refused until it has", e);
        }
        journal.onDiskFull();
        thread.executeAfter(RETRY_MS, this::make);
    }

    @Override
    public void close() {
        thread.end(END_TIMEOUT_MS);
    }
}
