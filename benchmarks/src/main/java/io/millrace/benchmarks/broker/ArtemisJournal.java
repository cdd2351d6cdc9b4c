package io.millrace.benchmarks.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** How Artemis writes its journal. The time-outs are what `artemis create` would measure on this disk. */
public record ArtemisJournal(Type type, long bufferTimeoutNs, long pageSyncTimeoutNs) {
    /** Artemis's own names. */
    public enum Type {
        NIO(1),
        ASYNCIO(4096);

        private static final List<String> LIBRARY_DIRECTORIES =
                List.of("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu");

        private final int maxIo;

        Type(int maxIo) {
            this.maxIo = maxIo;
        }

        int maxIo() {
            return maxIo;
        }

        public static Type named(String name) {
            return valueOf(name.toUpperCase(Locale.ROOT));
        }

        /** What Artemis itself would choose: libaio if the system has it. */
        public static Type bestHere() throws IOException {
            for (String directory : LIBRARY_DIRECTORIES) {
                if (Files.isDirectory(Path.of(directory)) && holdsLibaio(Path.of(directory))) {
                    return ASYNCIO;
                }
            }
            return NIO;
        }

        private static boolean holdsLibaio(Path directory) throws IOException {
            try (Stream<Path> files = Files.list(directory)) {
                return files.anyMatch(file -> String.valueOf(file.getFileName()).startsWith("libaio.so.1"));
            }
        }
    }
}
