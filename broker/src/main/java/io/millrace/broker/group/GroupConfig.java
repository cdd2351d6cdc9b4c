package io.millrace.broker.group;

import io.millrace.broker.config.BrokerConfig;

/** The settings of consumer groups; see the keys of the same names in {@link BrokerConfig}. Immutable. */
public record GroupConfig(
        int minSessionTimeoutMs,
        int maxSessionTimeoutMs,
        int maxSize,
        int initialRebalanceDelayMs,
        int offsetMetadataMaxBytes,
        long offsetsRetentionMs,
        long retentionCheckMs,
        long rewriteBytes) {
    private static final long MS_PER_MINUTE = 60_000;

    /** As the broker is set. */
    public static GroupConfig of(BrokerConfig config) {
        return new GroupConfig(
                config.get(BrokerConfig.GROUP_MIN_SESSION_TIMEOUT_MS),
                config.get(BrokerConfig.GROUP_MAX_SESSION_TIMEOUT_MS),
                config.get(BrokerConfig.GROUP_MAX_SIZE),
                config.get(BrokerConfig.GROUP_INITIAL_REBALANCE_DELAY_MS),
                config.get(BrokerConfig.OFFSET_METADATA_MAX_BYTES),
                config.get(BrokerConfig.OFFSETS_RETENTION_MINUTES) * MS_PER_MINUTE,
                config.get(BrokerConfig.OFFSETS_RETENTION_CHECK_INTERVAL_MS),
                config.get(BrokerConfig.OFFSETS_REWRITE_BYTES));
    }
}
