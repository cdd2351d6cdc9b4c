package io.millrace.simulation.check;

/**
 * Bugs that the simulator plants in its shells around the real cores, one at a time, to show that it would find them. Each stands for a
 * mistake that somebody could make in the code that the shell stands for, or in the core that the shell calls.
 */
public enum PlantedBug {
    /** None. */
    NONE,
    /** The journal reports as durable what it has written and not yet synced. */
    ACKNOWLEDGE_BEFORE_FLUSH,
    /** The journal leaves a frame out now and then, and reports it as durable. */
    DROP_JOURNAL_FRAME,
    /** The journal leaves settlements and dispatch marks out, and reports them as durable. */
    LOSE_DELIVERY_ENTRIES,
    /** Messages are dispatched although the journal has no dispatch mark above them. */
    DISPATCH_WITHOUT_MARK,
    /** A replay does not bring the message log to where a delivery record says that it was. */
    REPLAY_WITHOUT_JUMP,
    /** Files are not cut where they must be. */
    SKIP_TRUNCATION,
    /** A failed flush is taken for one that succeeded. */
    IGNORE_FAILED_FLUSH,
    /** Segments are not synced before the journal forgets what it had of them. */
    SKIP_SEGMENT_FLUSH,
    /** New names in directories are not synced. */
    SKIP_DIRECTORY_FLUSH,
    /** A send is appended again when it is sent again. */
    NO_DEDUPLICATION,
    /** A client forgets its unconfirmed settlements when it attaches again. */
    FORGET_UNCONFIRMED_SETTLEMENTS,
    /** A client does not say what it holds when it attaches again. */
    FORGET_HELD,
    /** What a lost client holds is given to others at once. */
    NO_GRACE,
    /** An answer of the broker is lost now and then, and the connection lives on. */
    LOSE_ANSWER,

    // ---- of a cluster

    /** A follower cuts its log to what it knows to be committed when it begins to follow. */
    TRUNCATE_BY_HIGH_WATERMARK,
    /** A leader goes on to deliver though nobody follows it. */
    DELIVER_WITHOUT_LEASE,
    /** A new leader delivers before the lease of the last one must have ended. */
    LEAD_WITHOUT_WAITING,
    /** A send is answered when the in-sync replicas have it, before it is on their disks. */
    ACKNOWLEDGE_UNFLUSHED,
    /** Who is not in sync is elected. */
    ELECT_OUT_OF_SYNC,
    /** A follower says that everything is on its disk that is in its log. */
    REPORT_LOG_END,
    /** A leader does not wait for a replica which it has proposed to be in sync. */
    FORGET_PROPOSED,
    /** A broker stops before others lead what it leads. */
    STOP_AT_ONCE,
    /** A replica that has stopped by a fault stays what it is, and leads if it led. */
    KEEP_STOPPED_REPLICA,
    /** A coordinator of groups answers a commit when it has appended it. */
    COMMIT_AT_APPEND,
    /** A coordinator of groups that does not lead any more acknowledges what it is asked to commit. */
    COMMIT_DEPOSED;

    /** Whether it takes several brokers to see it. */
    public boolean isOfCluster() {
        return compareTo(TRUNCATE_BY_HIGH_WATERMARK) >= 0;
    }
}
