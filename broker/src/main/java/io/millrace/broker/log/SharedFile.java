package io.millrace.broker.log;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An open file that closes when its last user is done. A failed sync fails for all of them: the operating system tells it once for each
 * open file. For any thread.
 */
final class SharedFile {
    private final String name;
    private final StorageFile file;
    private final AtomicInteger references = new AtomicInteger(1);
    /** Guarded by this. */
    private @Nullable StorageException syncFailure;

    /** Begins with one reference, the caller's. */
    SharedFile(String name, StorageFile file) {
        this.name = name;
        this.file = file;
    }

    String name() {
        return name;
    }

    StorageFile file() {
        return file;
    }

    /** Makes durable what was written. */
    synchronized void force() {
        if (syncFailure != null) {
            throw syncFailure;
        }
        try {
            file.force();
        } catch (StorageException e) {
            syncFailure = e;
            throw e;
        }
    }

    SharedFile retain() {
        int before = references.getAndIncrement();
        if (before <= 0) {
            throw new IllegalStateException("retaining " + name + ", which has " + before + " references");
        }
        return this;
    }

    void release() {
        int left = references.decrementAndGet();
        if (left == 0) {
            file.close();
        } else if (left < 0) {
            throw new IllegalStateException("releasing " + name + " once too often");
        }
    }
}
