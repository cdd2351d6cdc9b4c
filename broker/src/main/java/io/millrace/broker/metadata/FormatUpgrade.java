package io.millrace.broker.metadata;

import io.millrace.broker.format.Formats;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Raises the cluster's format level when somebody asks for it: only if every registered broker can read and write the new one, and never
 * back. First it writes that the level is being raised, from when on a broker that can not read the new level is not registered any more
 * ({@link Registration} checks it in the same transaction); then it looks who is registered; then it raises, or takes its word back.
 * Owned by the metadata thread.
 */
public final class FormatUpgrade {
    /** Asks for the newest level that all registered brokers support. */
    public static final int NEWEST = 0;

    private static final Logger LOG = LoggerFactory.getLogger(FormatUpgrade.class);

    private final MetadataStore store;
    private final Executor thread;
    private final ClusterFollower follower;
    private final Formats formats;

    FormatUpgrade(MetadataStore store, Executor thread, ClusterFollower follower, Formats formats) {
        this.store = store;
        this.thread = thread;
        this.follower = follower;
        this.formats = formats;
    }

    /**
     * The level and what it is being raised to.
     *
     * @param level what is written at
     * @param raising the level that it is being raised to, or the same
     * @param brokers the registered brokers
     */
    public record Status(int level, int raising, List<BrokerAddress> brokers) {}

    /** How it stands, as the store says. For any thread. */
    public void status(Reply<Status> reply) {
        thread.execute(() -> read(Outcomes.next(reply, seen -> reply.complete(seen.status()))));
    }

    /**
     * Raises the level, and answers how it stands then. For any thread.
     *
     * @param wanted the level, or {@link #NEWEST}
     */
    public void raise(int wanted, Reply<Status> reply) {
        thread.execute(() -> read(Outcomes.next(reply, seen -> begin(seen, wanted, reply))));
    }

    private void begin(Seen seen, int wanted, Reply<Status> reply) {
        int level = seen.level.level();
        int target = wanted == NEWEST ? Math.max(level, newestOfAll(seen.brokers, level)) : wanted;
        String refusal = refusal(seen, target);
        if (!refusal.isEmpty()) {
            reply.fail(ErrorCode.INVALID_REQUEST, refusal);
        } else if (target == level && seen.level.raising() == level) {
            reply.complete(seen.status());
        } else {
            write(
                    seen,
                    StoredLevel.raising(level, target, formats),
                    Outcomes.next(reply, none -> check(target, reply)));
        }
    }

    /** Nobody who can not read the level comes in any more; who is in? */
    private void check(int target, Reply<Status> reply) {
        read(Outcomes.next(reply, seen -> {
            String refusal = refusal(seen, target);
            int level = refusal.isEmpty() ? target : seen.level.level();
            write(seen, StoredLevel.at(level, formats), Outcomes.next(reply, none -> {
                if (!refusal.isEmpty()) {
                    reply.fail(ErrorCode.INVALID_REQUEST, refusal);
                    return;
                }
                LOG.info("the cluster's format level is {}", level);
                follower.refresh(
                        List.of(MetadataCodec.LEVEL),
                        Outcomes.next(reply, known -> reply.complete(new Status(level, level, seen.brokers))));
            }));
        }));
    }

    private String refusal(Seen seen, int target) {
        if (!formats.levels().contains(target)) {
            return "format level " + target + " is not known to the broker that was asked, which knows "
                    + formats.levels();
        }
        if (target < seen.level.level()) {
            return "the format level is " + seen.level.level() + " and never goes back to " + target;
        }
        String without = seen.brokers.stream()
                .filter(broker -> !broker.build().levels().contains(target))
                .map(broker -> "broker " + broker.id() + " (" + broker.build().software() + ", "
                        + broker.build().levels() + ")")
                .collect(Collectors.joining(", "));
        return without.isEmpty()
                ? ""
                : "format level " + target + " is not known to " + without + "; replace the build of each first";
    }

    private static int newestOfAll(List<BrokerAddress> brokers, int otherwise) {
        return brokers.stream()
                .mapToInt(broker -> broker.build().levels().newest())
                .min()
                .orElse(otherwise);
    }

    private void read(Reply<Seen> reply) {
        store.get(
                MetadataCodec.LEVEL,
                Outcomes.then(
                        reply,
                        stored -> store.list(
                                MetadataCodec.BROKERS,
                                Outcomes.then(reply, brokers -> reply.complete(seen(stored, brokers))))));
    }

    private static Seen seen(Optional<StoredValue> stored, List<StoredValue> brokers) {
        StoredValue level = stored.orElseThrow(() -> new IllegalArgumentException("the cluster has no format level"));
        return new Seen(
                MetadataCodec.readLevel(level),
                level.version(),
                brokers.stream().map(MetadataCodec::readBroker).toList());
    }

    private void write(Seen seen, StoredLevel level, Reply<@Nullable Void> reply) {
        store.write(
                List.of(new StoreWrite.Set(MetadataCodec.LEVEL, MetadataCodec.level(level), seen.version)),
                Outcomes.thenOr(
                        StoreException.Reason.OTHER_VERSION,
                        reply,
                        versions -> Reply.done(reply),
                        () -> reply.fail(
                                ErrorCode.INVALID_UPDATE_VERSION,
                                "the format level was changed by somebody else meanwhile; look at the status")));
    }

    private record Seen(StoredLevel level, int version, List<BrokerAddress> brokers) {
        Status status() {
            return new Status(level.level(), level.raising(), brokers);
        }
    }
}
