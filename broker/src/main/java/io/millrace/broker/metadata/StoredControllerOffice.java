package io.millrace.broker.metadata;

import io.millrace.broker.metadata.StoreWrite.Check;
import io.millrace.broker.metadata.StoreWrite.Create;
import io.millrace.broker.metadata.StoreWrite.Delete;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The controller's office in the store. Two values stand for it: an ephemeral one that says who is in it, and a lasting one that each
 * election changes. Every write of a controller checks the version that its own election gave the lasting one, so whoever was followed
 * in office writes nothing. An election reads the lasting value first and changes it by that version: so it can not throw out a
 * controller that came between, not even when it takes away the value of a dead one.
 *
 * <p>Owned by the metadata thread.
 */
final class StoredControllerOffice implements ControllerOffice {
    private static final Logger LOG = LoggerFactory.getLogger(StoredControllerOffice.class);
    private static final int NOT_IN_OFFICE = -1;

    private final int self;
    private final MetadataStore store;
    private final ClusterFollower follower;
    private final Supplier<UUID> ids;
    private final Runnable elected;
    private int epochVersion = NOT_IN_OFFICE;

    /**
     * @param elected called after each election that this broker won
     */
    StoredControllerOffice(
            int self, MetadataStore store, ClusterFollower follower, Supplier<UUID> ids, Runnable elected) {
        this.self = self;
        this.store = store;
        this.follower = follower;
        this.ids = ids;
        this.elected = elected;
    }

    @Override
    public void campaign(int dead, Reply<@Nullable Void> reply) {
        epochVersion = NOT_IN_OFFICE;
        store.get(
                MetadataCodec.CONTROLLER_EPOCH,
                Outcomes.then(
                        reply,
                        epoch -> store.get(
                                MetadataCodec.CONTROLLER,
                                Outcomes.then(reply, holder -> run(dead, epoch, holder, reply)))));
    }

    private void run(int dead, Optional<StoredValue> epoch, Optional<StoredValue> holder, Reply<@Nullable Void> reply) {
        int holderId = holder.map(MetadataCodec::readController).orElse(NOBODY);
        boolean free = holder.isEmpty() || holderId == dead || holderId == self;
        if (epoch.isEmpty() || !free) {
            lost(reply, "broker " + holderId + " is the controller");
            return;
        }
        String claim = MetadataCodec.controller(self, ids.get());
        List<StoreWrite> writes = new ArrayList<>();
        writes.add(new StoreWrite.Set(
                MetadataCodec.CONTROLLER_EPOCH, claim, epoch.get().version()));
        holder.ifPresent(value -> writes.add(new Delete(MetadataCodec.CONTROLLER, value.version())));
        writes.add(new Create(MetadataCodec.CONTROLLER, claim, true));
        store.write(
                writes,
                Outcomes.handle(versions -> won(versions.get(0), reply), failure -> settle(claim, failure, reply)));
    }

    /** An election whose answer was lost on the way was won all the same. */
    private void settle(String claim, StoreException failure, Reply<@Nullable Void> reply) {
        switch (failure.reason()) {
            case OTHER_VERSION, EXISTS ->
                store.get(MetadataCodec.CONTROLLER_EPOCH, Outcomes.then(reply, stored -> {
                    if (stored.isPresent() && stored.get().text().equals(claim)) {
                        won(stored.get().version(), reply);
                    } else {
                        lost(reply, "another broker was faster");
                    }
                }));
            case ABSENT -> lost(reply, "another broker was faster");
            case NO_ROOM, UNAVAILABLE -> Outcomes.fail(reply, failure);
        }
    }

    private void won(int version, Reply<@Nullable Void> reply) {
        epochVersion = version;
        LOG.atInfo()
                .addKeyValue("broker", self)
                .addKeyValue("election", version)
                .log("this broker is the controller");
        elected.run();
        follower.refresh(List.of(MetadataCodec.CONTROLLER), reply);
    }

    private static void lost(Reply<@Nullable Void> reply, String why) {
        reply.fail(ErrorCode.NOT_CONTROLLER, why);
    }

    @Override
    public void change(List<PartitionChange> changes, Reply<@Nullable Void> reply) {
        List<StoreWrite> writes = new ArrayList<>();
        List<String> paths = new ArrayList<>();
        writes.add(new Check(MetadataCodec.CONTROLLER_EPOCH, epochVersion));
        for (PartitionChange change : changes) {
            String path = MetadataCodec.partitionPath(
                    change.id().topicId(), change.id().index());
            paths.add(path);
            writes.add(new StoreWrite.Set(
                    path,
                    MetadataCodec.partition(change.wanted()),
                    change.wanted().version()));
        }
        store.write(
                writes,
                Outcomes.handle(
                        versions -> follower.refresh(paths, reply), failure -> onNotChanged(paths, failure, reply)));
    }

    /** A leader has changed its in-sync replicas, a destination was deleted, or another broker is the controller. */
    private void onNotChanged(List<String> paths, StoreException failure, Reply<@Nullable Void> reply) {
        LOG.debug("changes were not made: {}", failure.getMessage());
        int inOffice = epochVersion;
        store.get(MetadataCodec.CONTROLLER_EPOCH, Outcomes.then(reply, stored -> {
            if (stored.isEmpty() || stored.get().version() != inOffice) {
                epochVersion = NOT_IN_OFFICE;
                reply.fail(ErrorCode.NOT_CONTROLLER, "another broker is the controller now");
                return;
            }
            List<String> changed = new ArrayList<>(paths);
            changed.add(MetadataCodec.TOPICS);
            follower.refresh(changed, reply);
        }));
    }

    @Override
    public void endPreferredElection() {
        store.write(
                List.of(
                        new Check(MetadataCodec.CONTROLLER_EPOCH, epochVersion),
                        new Delete(MetadataCodec.PREFERRED_ELECTION, MetadataStore.ANY_VERSION)),
                Outcomes.handle(versions -> {}, failure -> LOG.debug("not ended: {}", failure.getMessage())));
    }
}
