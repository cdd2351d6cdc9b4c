package io.millrace.broker.metadata;

import io.millrace.broker.partition.PartitionId;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Writes in-sync replicas to the store, each with the broker epoch in which it is in sync. */
final class StoredInSyncSets implements InSyncSets {
    private final MetadataStore store;
    private final Executor thread;
    private final CurrentImage image;

    StoredInSyncSets(MetadataStore store, Executor thread, CurrentImage image) {
        this.store = store;
        this.thread = thread;
        this.image = image;
    }

    @Override
    public void change(
            PartitionId id,
            int leaderEpoch,
            List<Integer> isr,
            List<Long> epochs,
            int expectedVersion,
            Reply<PartitionState> reply) {
        if (isr.size() != epochs.size()) {
            throw new IllegalArgumentException("in sync " + isr + " in epochs " + epochs);
        }
        List<Integer> members = List.copyOf(isr);
        List<Long> seen = List.copyOf(epochs);
        thread.execute(() -> {
            PartitionState known = find(id);
            if (known != null && known.leaderEpoch() != leaderEpoch) {
                reply.fail(
                        ErrorCode.FENCED_LEADER_EPOCH,
                        id + " is led in epoch " + known.leaderEpoch() + ", not " + leaderEpoch);
                return;
            }
            PartitionState present = unchanged(id, expectedVersion, reply);
            if (present != null) {
                change(id, present, members, seen, reply);
            }
        });
    }

    @Override
    public void resign(PartitionId id, int brokerId, int expectedVersion, Reply<PartitionState> reply) {
        thread.execute(() -> {
            PartitionState present = unchanged(id, expectedVersion, reply);
            if (present == null) {
                return;
            }
            PartitionState left = present.inSyncWithout(List.of(brokerId));
            if (left.isr().stream().noneMatch(member -> livesInSync(left, member))) {
                reply.fail(ErrorCode.INELIGIBLE_REPLICA, "nobody else who lives is in sync for " + id);
                return;
            }
            write(id, left.leaderId() == brokerId ? left.led(PartitionState.NO_LEADER) : left, reply);
        });
    }

    private boolean livesInSync(PartitionState state, int member) {
        BrokerAddress broker = image.broker(member);
        return broker != null && broker.epoch() == state.inSyncSince(member);
    }

    /** The state that was expected; null if it is another one, and that was answered. */
    private @Nullable PartitionState unchanged(PartitionId id, int expectedVersion, Reply<PartitionState> reply) {
        PartitionState present = find(id);
        if (present == null) {
            reply.fail(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, id + " is not there");
            return null;
        }
        if (present.version() != expectedVersion) {
            reply.fail(
                    ErrorCode.INVALID_UPDATE_VERSION,
                    id + " has version " + present.version() + ", not " + expectedVersion);
            return null;
        }
        return present;
    }

    private void change(
            PartitionId id,
            PartitionState present,
            List<Integer> members,
            List<Long> seen,
            Reply<PartitionState> reply) {
        List<Long> epochs = new ArrayList<>();
        for (int at = 0; at < members.size(); at++) {
            int member = members.get(at);
            long since = present.inSyncSince(member);
            if (since == PartitionState.NO_EPOCH) {
                since = epochOfNew(present, member, seen.get(at));
            }
            if (since == PartitionState.NO_EPOCH) {
                reply.fail(
                        ErrorCode.INELIGIBLE_REPLICA,
                        "broker " + member + " is no living replica of " + id + " on " + present.replicas());
                return;
            }
            epochs.add(since);
        }
        if (members.isEmpty()) {
            reply.fail(ErrorCode.INELIGIBLE_REPLICA, "nobody would be in sync for " + id);
            return;
        }
        write(id, present.inSync(members, epochs), reply);
    }

    /** @param wanted with the version that the store has now */
    private void write(PartitionId id, PartitionState wanted, Reply<PartitionState> reply) {
        String path = MetadataCodec.partitionPath(id.topicId(), id.index());
        StoreWrite write = new StoreWrite.Set(path, MetadataCodec.partition(wanted), wanted.version());
        store.write(
                List.of(write),
                Outcomes.handle(versions -> done(id, wanted.withVersion(versions.get(0)), reply), failure -> {
                    switch (failure.reason()) {
                        case OTHER_VERSION -> settle(id, path, wanted, reply);
                        case ABSENT -> reply.fail(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, id + " was deleted");
                        case EXISTS, NO_ROOM, UNAVAILABLE -> Outcomes.fail(reply, failure);
                    }
                }));
    }

    private long epochOfNew(PartitionState present, int member, long seen) {
        BrokerAddress broker = image.broker(member);
        boolean eligible = broker != null
                && !broker.draining()
                && present.isOn(member)
                && (seen == PartitionState.NO_EPOCH || seen == broker.epoch());
        return eligible && broker != null ? broker.epoch() : PartitionState.NO_EPOCH;
    }

    /** What seems to be refused may have been done before its answer was lost. */
    private void settle(PartitionId id, String path, PartitionState wanted, Reply<PartitionState> reply) {
        store.get(
                path,
                Outcomes.then(
                        reply,
                        (Optional<StoredValue> stored) -> stored.ifPresentOrElse(
                                present -> settle(id, present, wanted, reply),
                                () -> reply.fail(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, id + " was deleted"))));
    }

    private void settle(PartitionId id, StoredValue present, PartitionState wanted, Reply<PartitionState> reply) {
        if (present.version() != wanted.version() + 1) {
            // Whoever changed it last may have changed what was made here.
            reply.fail(ErrorCode.REQUEST_TIMED_OUT, id + " was changed more than once; a later state tells by whom");
            return;
        }
        if (present.text().equals(MetadataCodec.partition(wanted))) {
            done(id, wanted.withVersion(present.version()), reply);
            return;
        }
        int epoch = MetadataCodec.readPartition(present, wanted.index(), wanted.replicas())
                .leaderEpoch();
        reply.fail(
                epoch == wanted.leaderEpoch() ? ErrorCode.INVALID_UPDATE_VERSION : ErrorCode.FENCED_LEADER_EPOCH,
                id + " was changed by somebody else");
    }

    /** The image is published with the next round of reads, which this write causes. */
    private void done(PartitionId id, PartitionState state, Reply<PartitionState> reply) {
        Destination destination = image.findByTopicId(id.topicId());
        PartitionState present = find(id);
        if (destination != null && present != null && present.version() < state.version()) {
            image.put(destination.withPartition(state));
        }
        reply.complete(state);
    }

    private @Nullable PartitionState find(PartitionId id) {
        Destination destination = image.findByTopicId(id.topicId());
        return destination == null || id.index() >= destination.partitions().size()
                ? null
                : destination.partitions().get(id.index());
    }
}
