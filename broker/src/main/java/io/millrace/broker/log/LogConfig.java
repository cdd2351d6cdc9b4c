package io.millrace.broker.log;

/**
 * The settings of one log.
 *
 * @param segmentBytes a segment ends before it grows above this
 * @param segmentMs a segment ends when its first append is this long ago
 * @param indexIntervalBytes about how many bytes of batches lie between two index entries
 * @param retentionMs how long a closed segment is kept after its largest timestamp, or -1 for ever
 * @param retentionBytes how many bytes are kept, or -1 for all
 * @param producerIdExpirationMs after what silence a producer's state is forgotten
 * @param journaled whether appends go to the journal too; if not, what was not synced yet is lost with the machine's power
 */
public record LogConfig(
        int segmentBytes,
        long segmentMs,
        int indexIntervalBytes,
        long retentionMs,
        long retentionBytes,
        long producerIdExpirationMs,
        boolean journaled) {
    private static final long DAY_MS = 24 * 60 * 60 * 1000L;

    public LogConfig {
        if (segmentBytes <= 0 || segmentMs <= 0 || indexIntervalBytes <= 0) {
            throw new IllegalArgumentException("segments of " + segmentBytes + " bytes or " + segmentMs
                    + " ms, indexed every " + indexIntervalBytes + " bytes");
        }
    }

    /** Kafka's defaults. */
    public static LogConfig defaults() {
        return new LogConfig(1 << 30, 7 * DAY_MS, 4096, 7 * DAY_MS, -1, DAY_MS, true);
    }
}
