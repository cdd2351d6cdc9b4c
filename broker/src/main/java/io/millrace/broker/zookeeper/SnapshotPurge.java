package io.millrace.broker.zookeeper;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.server.persistence.FileTxnSnapLog;
import org.apache.zookeeper.server.persistence.Util;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes what the newest snapshots of the embedded ZooKeeper make superfluous, at start and now and then. ZooKeeper's
 * own purge writes to the standard output, which belongs to the broker's command. Runs on a thread of its own.
 */
final class SnapshotPurge implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotPurge.class);
    /** As many as ZooKeeper itself asks for: an older one helps if the newest is damaged. */
    private static final int SNAPSHOTS_KEPT = 3;

    private static final String SNAPSHOT = "snapshot";
    private static final String LOG_FILE = "log";

    private final File directory;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread daemon = new Thread(task, "millrace-zookeeper-purge");
        daemon.setDaemon(true);
        return daemon;
    });

    private SnapshotPurge(File directory) {
        this.directory = directory;
    }

    static SnapshotPurge start(File directory) {
        SnapshotPurge purge = new SnapshotPurge(directory);
        var unused = purge.thread.scheduleWithFixedDelay(purge::run, 10, 3600, TimeUnit.SECONDS);
        return purge;
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }

    private void run() {
        try {
            purge(directory);
        } catch (IOException | RuntimeException e) {
            LOG.warn("old snapshots of the embedded ZooKeeper were not deleted: {}", e.getMessage());
        }
    }

    static void purge(File directory) throws IOException {
        FileTxnSnapLog files = new FileTxnSnapLog(directory, directory);
        try {
            List<File> kept = files.findNRecentSnapshots(SNAPSHOTS_KEPT);
            if (kept.size() < SNAPSHOTS_KEPT) {
                return;
            }
            long oldestKept = Util.getZxidFromName(kept.get(kept.size() - 1).getName(), SNAPSHOT);
            Set<File> needed = new HashSet<>(List.of(files.getSnapshotLogs(oldestKept)));
            delete(files.getSnapDir(), SNAPSHOT, oldestKept, needed);
            delete(files.getDataLogDir(), LOG_FILE, oldestKept, needed);
        } finally {
            files.close();
        }
    }

    /** Deletes files of a kind that end before the oldest snapshot kept. */
    private static void delete(File directory, String prefix, long oldestKept, Set<File> needed) throws IOException {
        File[] candidates = directory.listFiles((parent, name) -> name.startsWith(prefix + "."));
        if (candidates == null) {
            return;
        }
        for (File candidate : candidates) {
            long zxid = Util.getZxidFromName(candidate.getName(), prefix);
            if (zxid >= 0 && zxid < oldestKept && !needed.contains(candidate)) {
                Files.deleteIfExists(candidate.toPath());
            }
        }
    }
}
