package io.millrace.broker.peer;

import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * This broker as it shows itself to its peers. The suppliers are for any thread and answer at once: what they say is learned while the
 * broker starts.
 *
 * @param softwareVersion for logs
 * @param brokerEpoch the epoch of its registration, or {@link #NO_EPOCH} while it has none
 * @param secret what only the brokers of the cluster know, or an empty text while it is not known
 */
public record LocalBroker(
        int brokerId,
        String softwareVersion,
        LongSupplier brokerEpoch,
        Supplier<String> clusterId,
        Supplier<String> secret) {
    /** No epoch is known. */
    public static final long NO_EPOCH = -1;
}
