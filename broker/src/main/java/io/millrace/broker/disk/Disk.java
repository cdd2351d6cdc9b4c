package io.millrace.broker.disk;

import io.millrace.broker.log.StorageException;
import io.millrace.broker.log.StorageException.Kind;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** Tells a full disk from a broken one. */
final class Disk {
    /** How the operating systems say that there is no room: Java has no type for it. */
    private static final List<String> NO_ROOM =
            List.of("no space left on device", "disk quota exceeded", "not enough space on the disk");

    /** What most systems say of a process that has no descriptors left, or of a machine. */
    private static final String TOO_MANY_FILES = "too many open files";

    private Disk() {}

    static StorageException failure(String what, IOException cause) {
        return failure(lacksRoom(cause) ? Kind.DISK_FULL : Kind.IO, what, cause);
    }

    /** A sync that failed is never of kind {@code DISK_FULL}, whatever the reason: its pages may be gone, so nobody may try it again. */
    static StorageException syncFailure(String what, IOException cause) {
        return failure(lacksRoom(cause) ? Kind.UNSYNCED_FOR_ROOM : Kind.IO, what, cause);
    }

    private static StorageException failure(Kind kind, String what, IOException cause) {
        String hint = reason(cause).contains(TOO_MANY_FILES) ? "; " + OpenFileLimit.hint() : "";
        return new StorageException(kind, what + ": " + cause + hint, cause);
    }

    private static boolean lacksRoom(IOException cause) {
        return NO_ROOM.stream().anyMatch(reason(cause)::contains);
    }

    private static String reason(IOException cause) {
        return String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
    }
}
