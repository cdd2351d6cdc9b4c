package io.millrace.broker.metadata;

import io.millrace.broker.format.FormatLevel;
import io.millrace.broker.metadata.StoreWrite.Create;
import io.millrace.broker.metadata.StoreWrite.Delete;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * That this broker is alive and where: an ephemeral value in the store, whose place in the order of changes is the broker's epoch. It
 * is made anew in each session. A trace of the same data directory is this broker's own, from before; one of another is another broker's,
 * who may be dead: it is waited for as long as the store needs to notice that.
 *
 * <pre>
 *   ABSENT --register, session opened--> WRITING --written--> REGISTERED --session lost--> ABSENT
 *                                           |  ^
 *                          id in use, no answer, tried again at a tick
 * </pre>
 *
 * Owned by the metadata thread.
 */
final class Registration {
    private static final Logger LOG = LoggerFactory.getLogger(Registration.class);
    /** Beyond the session's time, for the store to do it. */
    private static final long EXTRA_PATIENCE_MS = 2000;

    private enum Status {
        ABSENT,
        WRITING,
        REGISTERED
    }

    private final boolean alone;
    private final BrokerIdentity identity;
    private final MetadataStore store;
    private final FormatLevel formats;
    private final Listener listener;
    private Status status = Status.ABSENT;
    private @Nullable BrokerAddress address;
    private @Nullable Reply<@Nullable Void> waiting;
    private String refusal = "";
    private long refusedSinceMs = -1;
    private volatile long epoch = PartitionState.NO_EPOCH;
    /** Whether an image has shown the present registration. */
    private boolean seen;
    /** Distinguishes what belongs to the present session from answers of an earlier one. */
    private int session;

    Registration(boolean alone, BrokerIdentity identity, MetadataStore store, FormatLevel formats, Listener listener) {
        this.alone = alone;
        this.identity = identity;
        this.store = store;
        this.formats = formats;
        this.listener = listener;
    }

    /** Hears what becomes of it. */
    interface Listener {
        /** After each registration. */
        void onRegistered();

        /** The cluster is at a level that this build does not know: it can not be registered again. */
        void onUnreadable(String why);
    }

    /** The broker's epoch, or {@link PartitionState#NO_EPOCH} while it is not registered. For any thread. */
    long epoch() {
        return epoch;
    }

    boolean isRegistered() {
        return status == Status.REGISTERED;
    }

    /**
     * Whether the registration is gone though the session lives: a write that was made again in a new session may have been taken for
     * done by what an earlier session left.
     */
    boolean isGone(@Nullable BrokerAddress shown) {
        boolean present = shown != null && shown.epoch() == epoch;
        seen |= present;
        return status == Status.REGISTERED && seen && !present;
    }

    void register(BrokerAddress wanted, Reply<@Nullable Void> reply) {
        address = wanted.withDataSince(identity.since());
        waiting = reply;
        begin();
    }

    /** Says that this broker is about to close. */
    void drain(Reply<@Nullable Void> reply) {
        BrokerAddress present = address;
        if (present == null || status != Status.REGISTERED) {
            reply.fail(ErrorCode.REQUEST_TIMED_OUT, "the broker is not registered");
            return;
        }
        BrokerAddress leaving = present.leaving();
        address = leaving;
        store.write(
                List.of(new StoreWrite.Set(
                        MetadataCodec.brokerPath(leaving.id()),
                        MetadataCodec.broker(leaving, identity.directory()),
                        MetadataStore.ANY_VERSION)),
                Outcomes.then(reply, versions -> Reply.done(reply)));
    }

    void onSessionLost() {
        session++;
        status = Status.ABSENT;
        epoch = PartitionState.NO_EPOCH;
        seen = false;
    }

    void onSessionOpened() {
        if (address != null && status == Status.ABSENT) {
            begin();
        }
    }

    void onTick(long nowMs) {
        if (address == null || status != Status.ABSENT) {
            return;
        }
        if (!refusal.isEmpty()) {
            if (refusedSinceMs < 0) {
                refusedSinceMs = nowMs;
            }
            if (nowMs - refusedSinceMs > store.sessionTimeoutMs() + EXTRA_PATIENCE_MS) {
                giveUp();
                return;
            }
        }
        begin();
    }

    /** While the broker starts, it does not; later it goes on trying, in vain until the other goes. */
    private void giveUp() {
        Reply<@Nullable Void> asked = waiting;
        refusedSinceMs = -1;
        if (asked == null) {
            LOG.error("{}; this broker does not belong to the cluster until that has changed", refusal);
            return;
        }
        waiting = null;
        address = null;
        asked.fail(ErrorCode.INVALID_REQUEST, refusal);
    }

    private void begin() {
        BrokerAddress wanted = address;
        if (wanted == null) {
            return;
        }
        status = Status.WRITING;
        int begunIn = session;
        store.get(
                MetadataCodec.LEVEL,
                Outcomes.handle(
                        stored -> checkLevel(wanted, stored, begunIn),
                        failure -> onFailed(failure.getMessage(), begunIn)));
    }

    /** Whoever is registered can read what the cluster writes: the level may not change until the registration stands. */
    private void checkLevel(BrokerAddress wanted, Optional<StoredValue> stored, int begunIn) {
        if (begunIn != session) {
            return;
        }
        StoredLevel level = stored.map(MetadataCodec::readLevel).orElse(StoredLevel.FIRST);
        String unreadable = level.refusalOfLevel(formats.formats());
        if (!unreadable.isEmpty()) {
            giveUpForGood(unreadable);
            return;
        }
        formats.raise(level.level());
        refusal = level.refusalOfRaising(formats.formats());
        if (!refusal.isEmpty()) {
            if (refusedSinceMs < 0) {
                LOG.info("{}; waiting whether it is", refusal);
            }
            onFailed(null, begunIn);
            return;
        }
        List<StoreWrite> checks = stored.map(
                        value -> List.<StoreWrite>of(new StoreWrite.Check(MetadataCodec.LEVEL, value.version())))
                .orElse(List.of());
        store.get(
                MetadataCodec.brokerPath(wanted.id()),
                Outcomes.handle(
                        trace -> write(wanted, trace, checks, begunIn),
                        failure -> onFailed(failure.getMessage(), begunIn)));
    }

    private void giveUpForGood(String why) {
        Reply<@Nullable Void> asked = waiting;
        waiting = null;
        address = null;
        status = Status.ABSENT;
        if (asked != null) {
            asked.fail(ErrorCode.UNSUPPORTED_VERSION, why);
        } else {
            listener.onUnreadable(why);
        }
    }

    private void write(BrokerAddress wanted, Optional<StoredValue> trace, List<StoreWrite> checks, int begunIn) {
        if (begunIn != session) {
            return;
        }
        String path = MetadataCodec.brokerPath(wanted.id());
        if (trace.isPresent() && !alone && !isOwn(trace.get())) {
            BrokerAddress other = MetadataCodec.readBroker(trace.get());
            refusal =
                    "the broker id " + wanted.id() + " is in use by the broker at " + other.host() + ":" + other.port();
            if (refusedSinceMs < 0) {
                LOG.info("{}; waiting whether that one is dead", refusal);
            }
            onFailed(null, begunIn);
            return;
        }
        refusal = "";
        Create create = new Create(path, MetadataCodec.broker(wanted, identity.directory()), true);
        List<StoreWrite> writes = new ArrayList<>(checks);
        trace.ifPresent(value -> writes.add(new Delete(path, value.version())));
        writes.add(create);
        store.write(
                writes,
                Outcomes.handle(
                        versions -> store.get(
                                path,
                                Outcomes.handle(
                                        stored -> onWritten(stored, begunIn),
                                        failure -> onFailed(failure.getMessage(), begunIn))),
                        failure -> onFailed(failure.getMessage(), begunIn)));
    }

    private void onWritten(Optional<StoredValue> stored, int begunIn) {
        if (begunIn != session) {
            return;
        }
        if (stored.isEmpty() || !(alone || isOwn(stored.get()))) {
            onFailed("it is gone again", begunIn);
            return;
        }
        status = Status.REGISTERED;
        refusedSinceMs = -1;
        epoch = stored.get().createdAt();
        listener.onRegistered();
        Reply<@Nullable Void> asked = waiting;
        waiting = null;
        if (asked != null) {
            Reply.done(asked);
        }
    }

    private void onFailed(@Nullable String message, int begunIn) {
        if (begunIn != session) {
            return;
        }
        if (message != null) {
            LOG.warn("the broker is not registered yet: {}", message);
        }
        status = Status.ABSENT;
        Reply<@Nullable Void> asked = waiting;
        if (alone && asked != null) {
            waiting = null; // nobody ticks
            asked.fail(ErrorCode.REQUEST_TIMED_OUT, "the metadata store did not take the broker: " + message);
        }
    }

    private boolean isOwn(StoredValue trace) {
        return MetadataCodec.readBrokerDirectory(trace)
                .equals(identity.directory().toString());
    }
}
