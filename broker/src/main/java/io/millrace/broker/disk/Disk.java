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

    private Disk() {}

    static StorageException failure(String what, IOException cause) {
        return new StorageException(lacksRoom(cause) ? Kind.DISK_FULL : Kind.IO, what + ": " + cause, cause);
    }

    /** A sync that failed is never of kind {@code DISK_FULL}, whatever the reason: its pages may be gone, so nobody may try it again. */
    static StorageException syncFailure(String what, IOException cause) {
        return new StorageException(lacksRoom(cause) ? Kind.UNSYNCED_FOR_ROOM : Kind.IO, what + ": " + cause, cause);
    }

    private static boolean lacksRoom(IOException cause) {
        String reason = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        return NO_ROOM.stream().anyMatch(reason::contains);
    }
}
