package io.millrace.broker.metadata;

import io.millrace.broker.partition.Reply;
import io.millrace.protocol.DestinationName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The queues and topics of the cluster: created, found, changed, deleted. Every method may be called from any thread
 * and returns at once; replies come on the metadata thread, so a caller hands in one that hops to its lane.
 */
@SuppressWarnings("DoNotCallSuggester") // signatures first: the bodies follow at once and remove this
public final class Destinations {
    /** The cluster as of now, for any thread. */
    public MetadataImage image() {
        throw new UnsupportedOperationException();
    }

    /**
     * Creates a destination; answers when its partitions take messages. Fails with {@code INVALID_DESTINATION} or
     * {@code DESTINATION_EXISTS}, {@code INVALID_PARTITIONS}, {@code INVALID_REPLICATION_FACTOR}, {@code
     * INVALID_CONFIG}.
     */
    public void create(NewDestination wanted, Reply<Destination> reply) {
        throw new UnsupportedOperationException();
    }

    /** Says what {@link #create} would answer, and creates nothing; the id of what it answers is zero. */
    public void validate(NewDestination wanted, Reply<Destination> reply) {
        throw new UnsupportedOperationException();
    }

    /**
     * Finds a destination, and creates it as asked for if it does not exist and {@code auto.create.destinations} is on.
     * Fails with {@code INVALID_DESTINATION} if it does not exist and is not created. Concurrent calls for one name
     * create it once.
     */
    public void resolveOrCreate(NewDestination wanted, Reply<Destination> reply) {
        throw new UnsupportedOperationException();
    }

    /**
     * Deletes a destination with its messages; answers when nothing of it remains, so that the name is free for a new,
     * empty one. Fails with {@code INVALID_DESTINATION} if there is none.
     */
    public void delete(DestinationName name, Reply<@Nullable Void> reply) {
        throw new UnsupportedOperationException();
    }

    /** Changes settings, all or none; fails with {@code INVALID_CONFIG} or {@code INVALID_DESTINATION}. */
    public void alterConfigs(
            DestinationName name, List<ConfigChange> changes, boolean validateOnly, Reply<@Nullable Void> reply) {
        throw new UnsupportedOperationException();
    }
}
