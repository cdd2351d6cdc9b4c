package io.millrace.broker.metadata;

import io.millrace.broker.partition.Reply;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;

/** Changes the settings of the cluster in the store. Every method may be called from any thread; replies come on the metadata thread. */
public final class StoredSettings {
    private final MetadataStore store;
    private final Executor thread;
    private final ClusterFollower follower;

    StoredSettings(MetadataStore store, Executor thread, ClusterFollower follower) {
        this.store = store;
        this.thread = thread;
        this.follower = follower;
    }

    /** Changes what is set as it is now, whoever else changes it at the same time; answers what is set then. */
    public void change(UnaryOperator<ClusterSettings> change, Reply<ClusterSettings> reply) {
        thread.execute(() -> changeNow(change, reply));
    }

    private void changeNow(UnaryOperator<ClusterSettings> change, Reply<ClusterSettings> reply) {
        store.get(MetadataCodec.SETTINGS, Outcomes.then(reply, stored -> {
            ClusterSettings present = stored.map(MetadataCodec::readSettings).orElse(ClusterSettings.NONE);
            ClusterSettings wanted = change.apply(present);
            String text = MetadataCodec.settings(wanted);
            StoreWrite write = stored.isPresent()
                    ? new StoreWrite.Set(
                            MetadataCodec.SETTINGS, text, stored.get().version())
                    : new StoreWrite.Create(MetadataCodec.SETTINGS, text, false);
            Reply<Void> known = Outcomes.next(reply, none -> reply.complete(wanted));
            store.write(
                    List.of(write),
                    Outcomes.handle(versions -> follower.refresh(List.of(MetadataCodec.SETTINGS), known), failure -> {
                        switch (failure.reason()) {
                            case EXISTS, OTHER_VERSION, ABSENT -> changeNow(change, reply);
                            case NO_ROOM, UNAVAILABLE -> Outcomes.fail(reply, failure);
                        }
                    }));
        }));
    }
}
