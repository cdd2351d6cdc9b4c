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
        String reason = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        boolean full = NO_ROOM.stream().anyMatch(reason::contains);
        return new StorageException(full ? Kind.DISK_FULL : Kind.IO, what + ": " + cause, cause);
    }
}
