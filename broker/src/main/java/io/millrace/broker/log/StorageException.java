package io.millrace.broker.log;

import org.jspecify.annotations.Nullable;

/** A failure of the world below: a full disk, a failed read, write or sync, or bytes that are not what was written. */
public final class StorageException extends RuntimeException {
    /** What a caller decides by. */
    public enum Kind {
        /** No room; nothing was changed, and the same may work when there is room again. */
        DISK_FULL,
        /**
         * A sync found no room: what was to be synced may be gone, as with {@link #IO}, and a second sync would not tell. Only who throws the
         * file away may go on.
         */
        UNSYNCED_FOR_ROOM,
        /** A read, write or sync failed; what it was done on is not used any more. */
        IO,
        /** Stored bytes are damaged, or missing, where they were acknowledged. */
        CORRUPT,
        /** Refused since an earlier failure left a state that nobody knows. */
        FAILED,
        /** Another broker uses the data directory. */
        IN_USE
    }

    private static final long serialVersionUID = 1;

    private final Kind kind;

    public StorageException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public static StorageException corrupt(String message) {
        return new StorageException(Kind.CORRUPT, message, null);
    }

    public Kind kind() {
        return kind;
    }

    /** Whether the same may work later, nothing having been changed. */
    public boolean isDiskFull() {
        return kind == Kind.DISK_FULL;
    }
}
