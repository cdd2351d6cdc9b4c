package io.millrace.broker.journal;

import io.millrace.broker.format.FormatLevel;
import io.millrace.broker.log.DirtyLogs;
import io.millrace.broker.log.LogKey;
import io.millrace.broker.log.LogPoint;
import io.millrace.broker.log.LogSync;
import io.millrace.broker.log.PartitionStore;
import io.millrace.broker.log.RecoveryPoints;
import io.millrace.broker.log.StorageDirectory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Takes checkpoints: makes the logs durable up to where they are, and notes it, so that the journal's frames of before are needless.
 *
 * <p>A round: {@link #begin} with the sequence of the next frame; then, in each lane, its dirty logs are collected: all entries of frames
 * below that sequence were in their logs before, so they are covered; then the collected syncs run; then the checkpoint file is replaced.
 *
 * <p>Owned by the thread that takes checkpoints.
 */
public final class Checkpointer {
    private final StorageDirectory directory;
    private final RecoveryPoints points;
    private final PartitionStore partitions;
    private final long generation;
    private final FormatLevel formats;
    /** What the logs have reached that no checkpoint has kept yet: of this round, and of earlier ones that the full disk did not keep. */
    private final Map<LogKey, LogPoint> reached = new TreeMap<>();

    private final List<LogKey> dropped = new ArrayList<>();
    /** Tombstones that go with the next checkpoint that is kept. */
    private final List<PartitionStore.Entry> needless = new ArrayList<>();

    Checkpointer(
            StorageDirectory directory,
            RecoveryPoints points,
            PartitionStore partitions,
            long generation,
            FormatLevel formats) {
        this.directory = directory;
        this.formats = formats;
        this.points = points;
        this.partitions = partitions;
        this.generation = generation;
    }

    /**
     * Begins a round.
     *
     * @param replayFrom {@link JournalWriter#nextSequence} at some moment before the lanes are asked for their dirty logs
     */
    public Round begin(long replayFrom) {
        Round round = new Round(replayFrom);
        needless.addAll(partitions.tombstones().takeUnjournaled());
        round.sync(partitions.collectRecovered());
        return round;
    }

    /** One checkpoint in the making. */
    public final class Round {
        private final long replayFrom;

        private Round(long replayFrom) {
            this.replayFrom = replayFrom;
        }

        /**
         * Makes durable what a lane has collected. May take long.
         *
         * @throws io.millrace.broker.log.StorageException if a sync fails: then nothing more can be made durable
         */
        public void sync(DirtyLogs.Collected collected) {
            for (LogSync sync : collected.syncs()) {
                sync.run();
                reached.put(sync.key(), sync.point());
            }
            dropped.addAll(collected.dropped());
            partitions.tombstones().onUnjournaled(collected.unjournaled());
        }

        /** Whether a checkpoint would say more than the last one. */
        public boolean hasNews() {
            return !reached.isEmpty() || !dropped.isEmpty() || !needless.isEmpty();
        }

        /**
         * Notes it durably.
         *
         * @param durableSequence {@link JournalWriter#durableSequence} now
         * @param clean whether nothing was appended since, and nothing will be
         * @return below which sequence the journal's frames are needless
         * @throws io.millrace.broker.log.StorageException if that fails; of kind {@code DISK_FULL} if it may work later
         */
        public long complete(long durableSequence, boolean clean) {
            NavigableMap<LogKey, LogPoint> all = points.copy();
            all.putAll(reached);
            dropped.forEach(all::remove);
            forgetDeleted(all);
            directory.replace(
                    Checkpoint.NAME,
                    new Checkpoint(generation, replayFrom, durableSequence, clean, all).encode(formats));
            reached.forEach(points::put);
            dropped.forEach(points::remove);
            reached.clear();
            dropped.clear();
            partitions.tombstones().remove(needless);
            needless.clear();
            return replayFrom;
        }

        /** A log may have been deleted after it was collected. */
        private void forgetDeleted(NavigableMap<LogKey, LogPoint> all) {
            if (partitions.tombstones().isEmpty()) {
                return;
            }
            for (LogKey key : List.copyOf(all.keySet())) {
                if (partitions.tombstones().has(key)) {
                    all.remove(key);
                    points.remove(key);
                    reached.remove(key);
                }
            }
        }
    }
}
