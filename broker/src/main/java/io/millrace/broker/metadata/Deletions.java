package io.millrace.broker.metadata;

import io.millrace.broker.metadata.StoreWrite.Delete;
import io.millrace.broker.partition.PartitionId;
import io.millrace.broker.partition.Reply;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * This broker's part in the deletion of topics. An intent in the store names the brokers that may still hold files of a
 * topic; each deletes its own and takes itself off, the last takes the intent away. A broker that was down finds the intent
 * when it comes back. Owned by the metadata thread.
 */
final class Deletions {
    private final int self;
    private final MetadataStore store;
    private final PartitionHost host;
    private final Executor thread;
    private final SubscriptionRegistry subscriptions;
    private final Map<UUID, List<Reply<@Nullable Void>>> running = new HashMap<>();

    Deletions(int self, MetadataStore store, PartitionHost host, Executor thread, SubscriptionRegistry subscriptions) {
        this.self = self;
        this.store = store;
        this.host = host;
        this.thread = thread;
        this.subscriptions = subscriptions;
    }

    /** Does this broker's part, once at a time; answers when it is done or was done already. */
    void onIntent(DeletedTopic deleted, Reply<@Nullable Void> reply) {
        if (!deleted.isOn(self)) {
            Reply.done(reply);
            return;
        }
        List<Reply<@Nullable Void>> waiting = running.get(deleted.topicId());
        if (waiting != null) {
            waiting.add(reply);
            return;
        }
        running.put(deleted.topicId(), new ArrayList<>(List.of(reply)));
        deleteFiles(
                deleted,
                Outcomes.either(
                        none -> end(deleted.topicId(), Reply::done),
                        (error, message) -> end(deleted.topicId(), one -> one.fail(error, message))));
    }

    private void end(UUID topicId, Consumer<Reply<@Nullable Void>> answer) {
        List<Reply<@Nullable Void>> waiting = running.remove(topicId);
        if (waiting != null) {
            waiting.forEach(answer);
        }
    }

    private void deleteFiles(DeletedTopic deleted, Reply<@Nullable Void> reply) {
        UUID topicId = deleted.topicId();
        Reply<@Nullable Void> forgotten = Outcomes.next(reply, none -> leave(topicId, reply));
        AllOf filesGone =
                new AllOf(thread, Outcomes.next(reply, none -> subscriptions.onTopicDeleted(topicId, forgotten)));
        for (int index = 0; index < deleted.partitions(); index++) {
            host.delete(new PartitionId(topicId, deleted.topicName(), index), filesGone.one());
        }
        filesGone.close();
    }

    /** Takes this broker off the intent as it is now: others do so at the same time. */
    private void leave(UUID topicId, Reply<@Nullable Void> reply) {
        String path = MetadataCodec.deletingPath(topicId);
        store.get(path, Outcomes.then(reply, stored -> {
            if (stored.isEmpty()) {
                Reply.done(reply);
                return;
            }
            DeletedTopic left = MetadataCodec.readDeleting(stored.get()).without(self);
            int version = stored.get().version();
            StoreWrite write = left.brokers().isEmpty()
                    ? new Delete(path, version)
                    : new StoreWrite.Set(path, MetadataCodec.deleting(left), version);
            store.write(List.of(write), Outcomes.handle(versions -> Reply.done(reply), failure -> {
                switch (failure.reason()) {
                    case ABSENT -> Reply.done(reply);
                    case OTHER_VERSION -> leave(topicId, reply);
                    case EXISTS, NO_ROOM, UNAVAILABLE -> Outcomes.fail(reply, failure);
                }
            }));
        }));
    }
}
