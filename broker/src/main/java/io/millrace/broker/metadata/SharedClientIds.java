package io.millrace.broker.metadata;

import io.millrace.broker.metadata.StoreException.Reason;
import io.millrace.broker.metadata.StoreWrite.Create;
import io.millrace.broker.metadata.StoreWrite.Delete;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Client identifiers claimed in the whole cluster. A JMS connection has sockets to several brokers, and each claims for it: a value
 * says which connection has the identifier, and below it stands an ephemeral value of each broker that claimed. Every claim changes the
 * upper value, so that two connections can not both find nobody below. When nobody is below, another connection may have it.
 * Owned by the metadata thread.
 */
final class SharedClientIds {
    private static final Logger LOG = LoggerFactory.getLogger(SharedClientIds.class);
    /** A connection that was closed a moment ago at another broker may still be there. */
    private static final long PATIENCE_MS = 1500;

    private final int self;
    private final MetadataStore store;
    private final Supplier<UUID> ids;
    private List<Claim> waiting = new ArrayList<>();

    SharedClientIds(int self, MetadataStore store, Supplier<UUID> ids) {
        this.self = self;
        this.store = store;
        this.ids = ids;
    }

    private static final class Claim {
        private final String clientId;
        private final UUID connectionId;
        private final Reply<@Nullable Void> reply;
        private long refusedSinceMs = -1;

        Claim(String clientId, UUID connectionId, Reply<@Nullable Void> reply) {
            this.clientId = clientId;
            this.connectionId = connectionId;
            this.reply = reply;
        }

        String path() {
            return MetadataCodec.clientIdPath(clientId);
        }
    }

    /** Claims an identifier for a connection at this broker; fails with {@code INVALID_CLIENT_ID} if another has it. */
    void claim(String clientId, UUID connectionId, Reply<@Nullable Void> reply) {
        attempt(new Claim(clientId, connectionId, reply));
    }

    /** Gives back what this broker claimed; answers when the store knows. */
    void release(String clientId, Reply<@Nullable Void> reply) {
        String path = MetadataCodec.clientIdPath(clientId);
        Delete own = new Delete(below(path), MetadataStore.ANY_VERSION);
        store.write(
                List.of(own, new Delete(path, MetadataStore.ANY_VERSION)),
                Outcomes.handle(
                        versions -> Reply.done(reply),
                        others -> store.write(List.of(own), Outcomes.unless(Reason.ABSENT, reply))));
    }

    void onTick(long nowMs) {
        List<Claim> again = waiting;
        waiting = new ArrayList<>();
        for (Claim claim : again) {
            if (claim.refusedSinceMs < 0) {
                claim.refusedSinceMs = nowMs;
            }
            if (nowMs - claim.refusedSinceMs > PATIENCE_MS) {
                claim.reply.fail(
                        ErrorCode.INVALID_CLIENT_ID,
                        "the client identifier " + claim.clientId + " is in use by another connection");
            } else {
                attempt(claim);
            }
        }
    }

    /** Takes away what brokers left behind that are gone. */
    void sweep() {
        store.list(
                MetadataCodec.CLIENT_IDS,
                Outcomes.handle(
                        all -> all.forEach(value -> store.write(
                                List.of(new Delete(value.path(), value.version())),
                                Outcomes.handle(versions -> {}, used -> {}))),
                        failure -> LOG.debug("not swept: {}", failure.getMessage())));
    }

    private String below(String path) {
        return path + "/" + self;
    }

    private void attempt(Claim claim) {
        String path = claim.path();
        store.get(path, Outcomes.then(claim.reply, stored -> {
            Create own = new Create(below(path), "", true);
            String text = MetadataCodec.clientId(claim.connectionId, ids.get());
            if (stored.isEmpty()) {
                write(claim, List.of(new Create(path, text, false), own));
                return;
            }
            StoreWrite upper = new StoreWrite.Set(path, text, stored.get().version());
            boolean same = MetadataCodec.readClientId(stored.get()).equals(claim.connectionId);
            store.list(path, Outcomes.then(claim.reply, brokers -> {
                boolean hasOwn =
                        brokers.stream().anyMatch(broker -> broker.path().equals(below(path)));
                if (!same && brokers.size() > (hasOwn ? 1 : 0)) {
                    waiting.add(claim);
                } else if (hasOwn) {
                    // Of an earlier life of this broker, or of the same connection: whoever holds it here was asked
                    // before.
                    write(claim, List.of(upper, new Delete(below(path), MetadataStore.ANY_VERSION), own));
                } else {
                    write(claim, List.of(upper, own));
                }
            }));
        }));
    }

    private void write(Claim claim, List<StoreWrite> writes) {
        store.write(writes, Outcomes.handle(versions -> Reply.done(claim.reply), failure -> {
            switch (failure.reason()) {
                case EXISTS, ABSENT, OTHER_VERSION -> attempt(claim); // somebody else did something there
                case NO_ROOM, UNAVAILABLE -> Outcomes.fail(claim.reply, failure);
            }
        }));
    }
}
