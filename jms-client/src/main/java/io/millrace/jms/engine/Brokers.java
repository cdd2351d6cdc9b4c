package io.millrace.jms.engine;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.HelloRequestData;
import io.millrace.protocol.message.HelloResponseData;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/**
 * The links of a connection and the way to a first one: the configured addresses and those of brokers seen since are
 * tried in turn, with a pause after each vain round, until one answers Hello or the time limit is up. Further links, to
 * leaders of partitions, are made on demand. Owned by the engine.
 */
final class Brokers {
    private final Context context;
    private final Listener listener;
    private final Map<Integer, Link> byChannel = new LinkedHashMap<>();
    private final List<BrokerAddress> addresses = new ArrayList<>();
    private Phase phase = Phase.OPENING;
    private @Nullable Link search;
    private int nextAddress;
    private int triesInRound;
    private long backoffMs;
    private long retryAtMs = Long.MAX_VALUE;
    private long lostSinceMs = -1;

    /** Where the connection as a whole stands. */
    private enum Phase {
        /** No address has answered yet; each is tried once. */
        OPENING,
        /** There was a link, and there will be one again, or it is lost for good. */
        OPEN,
        /** Nothing more is tried. */
        CLOSED
    }

    /** What brokers tell the engine. */
    interface Listener {
        void onLinkReady(Link link);

        /** A link was lost, or could not be made. */
        void onLinkLost(Link link);

        /** No broker answers; this is the end. */
        void onUnreachable(EngineException cause);
    }

    Brokers(Context context, Listener listener) {
        this.context = context;
        this.listener = listener;
        this.addresses.addAll(context.config.addresses());
    }

    void open() {
        connectNext();
    }

    void close() {
        phase = Phase.CLOSED;
        retryAtMs = Long.MAX_VALUE;
        search = null;
        for (Link link : List.copyOf(byChannel.values())) {
            byChannel.remove(link.channel);
            link.close();
            context.outbox.disconnect(link.channel);
        }
    }

    @Nullable
    Link byChannel(int channel) {
        return byChannel.get(channel);
    }

    /** Some ready link, the oldest, or null. */
    @Nullable
    Link anyReady() {
        for (Link link : byChannel.values()) {
            if (link.isReady()) {
                return link;
            }
        }
        return null;
    }

    /** The ready link that follows that to a broker, in turn; null if none is ready. */
    @Nullable
    Link readyAfter(int brokerId) {
        List<Link> ready = ready();
        for (int i = 0; i < ready.size(); i++) {
            if (ready.get(i).brokerId() == brokerId) {
                return ready.get((i + 1) % ready.size());
            }
        }
        return ready.isEmpty() ? null : ready.get(0);
    }

    /** Tries one more address: the brokers to which there are links may be cut off from the others, and know no better. */
    void lookFurther() {
        if (phase != Phase.OPEN || search != null || retryAtMs != Long.MAX_VALUE) {
            return;
        }
        for (int i = 0; i < addresses.size(); i++) {
            if (!isLinked(addresses.get(nextAddress % addresses.size()))) {
                connectNext();
                return;
            }
            nextAddress = (nextAddress + 1) % addresses.size();
        }
    }

    private boolean isLinked(BrokerAddress address) {
        return byChannel.values().stream().anyMatch(link -> link.address.equals(address));
    }

    List<Link> ready() {
        List<Link> ready = new ArrayList<>(byChannel.size());
        for (Link link : byChannel.values()) {
            if (link.isReady()) {
                ready.add(link);
            }
        }
        return ready;
    }

    /** The link to a broker, made if there is none; null if nobody knows where it is. */
    @Nullable
    Link toBroker(int brokerId, @Nullable BrokerAddress address) {
        if (address != null && !addresses.contains(address)) {
            addresses.add(address);
        }
        for (Link link : byChannel.values()) {
            if (link.brokerId() == brokerId) {
                return link;
            }
        }
        return address == null ? null : connect(new Link(context, brokerId, address));
    }

    private Link connect(Link link) {
        byChannel.put(link.channel, link);
        context.outbox.connect(link.channel, link.address);
        return link;
    }

    private void connectNext() {
        retryAtMs = Long.MAX_VALUE;
        triesInRound++;
        BrokerAddress address = addresses.get(nextAddress % addresses.size());
        nextAddress = (nextAddress + 1) % addresses.size();
        search = new Link(context, address);
        connect(search);
    }

    void onConnected(Link link) {
        link.onGreeting();
        link.call(new Hello(link));
    }

    /** The link is no more, for whatever reason; its channel may still be open. */
    void drop(Link link, String reason) {
        context.outbox.disconnect(link.channel);
        onDisconnected(link, new EngineException(ErrorCode.NETWORK_EXCEPTION, link.address + ": " + reason));
    }

    /** Drops the links whose brokers do not know who the client is, since they are cut off: the next Hello tells them. */
    void dropCutOff() {
        ready().stream().filter(link -> link.isCutOff).forEach(link -> drop(link, "cut off from the cluster"));
    }

    void onDisconnected(Link link, EngineException cause) {
        if (byChannel.remove(link.channel) == null) {
            return;
        }
        List<Call> unanswered = link.close();
        listener.onLinkLost(link);
        unanswered.forEach(Call::onLost);
        if (phase == Phase.CLOSED) {
            return;
        }
        boolean wasSearch = link == search;
        if (wasSearch) {
            search = null;
            onTryFailed(cause);
        } else if (anyReady() == null) {
            onAllLost();
        }
    }

    private void onAllLost() {
        if (lostSinceMs < 0) {
            lostSinceMs = context.nowMs;
            triesInRound = 0;
            backoffMs = 0;
        }
        if (search == null && retryAtMs == Long.MAX_VALUE) {
            connectNext();
        }
    }

    private void onTryFailed(EngineException cause) {
        boolean roundIsOver = triesInRound >= addresses.size();
        if (phase == Phase.OPENING && (roundIsOver || isFinal(cause.code()))) {
            listener.onUnreachable(cause);
        } else if (phase == Phase.OPEN && anyReady() != null) {
            triesInRound = 0;
        } else if (phase == Phase.OPEN && (isFinal(cause.code()) || isOutOfTime())) {
            listener.onUnreachable(lostForGood(cause));
        } else if (roundIsOver) {
            triesInRound = 0;
            backoffMs = context.config.timeouts().nextBackoffMs(backoffMs);
            retryAtMs = context.nowMs + context.jittered(backoffMs);
        } else {
            connectNext();
        }
    }

    private boolean isOutOfTime() {
        return context.nowMs - lostSinceMs >= context.config.timeouts().reconnectMs();
    }

    private EngineException lostForGood(EngineException cause) {
        return new EngineException(
                cause.code(),
                "the connection was lost and could not be made again within "
                        + (context.nowMs - lostSinceMs) + " ms (reconnectTimeout is "
                        + context.config.timeouts().reconnectMs() + " ms): " + cause.getMessage());
    }

    /** Whether trying again is of no use. */
    private static boolean isFinal(ErrorCode code) {
        return code == ErrorCode.AUTHENTICATION_FAILED || code == ErrorCode.UNSUPPORTED_VERSION;
    }

    void onTick() {
        for (Link link : List.copyOf(byChannel.values())) {
            if (link.state() != LinkState.CLOSED) {
                String death = link.onTick();
                if (death != null) {
                    drop(link, death);
                }
            }
        }
        if (retryAtMs <= context.nowMs) {
            connectNext();
        }
    }

    long deadlineMs() {
        long deadline = retryAtMs;
        for (Link link : byChannel.values()) {
            deadline = Math.min(deadline, link.deadlineMs());
        }
        return deadline;
    }

    private void onHello(Link link, HelloResponseData hello) {
        ErrorCode code = ErrorCode.of(hello.errorCode());
        if (code != ErrorCode.NONE) {
            context.outbox.disconnect(link.channel);
            onDisconnected(link, EngineException.answered(code, hello.errorMessage()));
            return;
        }
        if (link == search) {
            search = null;
        }
        if (context.producerId < 0) {
            context.producerId = hello.producerId();
            context.producerEpoch = hello.producerEpoch();
        }
        phase = Phase.OPEN;
        lostSinceMs = -1;
        triesInRound = 0;
        backoffMs = 0;
        Link present = readyTo(hello.brokerId());
        if (present != null) {
            closeSecond(link);
            listener.onLinkReady(present); // what waited for the other one
            return;
        }
        link.onReady(hello);
        listener.onLinkReady(link);
    }

    private @Nullable Link readyTo(int brokerId) {
        for (Link link : byChannel.values()) {
            if (link.isReady() && link.brokerId() == brokerId) {
                return link;
            }
        }
        return null;
    }

    /** Closes a second link to one broker, whose address was asked without knowing whose it is: consumers would go to and fro between them. */
    private void closeSecond(Link link) {
        byChannel.remove(link.channel);
        link.close();
        context.outbox.disconnect(link.channel);
    }

    /** The first request of a link. */
    private final class Hello extends Call {
        private final Link link;

        Hello(Link link) {
            this.link = link;
        }

        @Override
        ApiMessage request() {
            EngineConfig.Identity identity = context.config.identity();
            UUID id = identity.connectionId();
            return new HelloRequestData()
                    .setConnectionId(new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits()))
                    .setClientId(context.clientId)
                    .setUser(identity.user())
                    .setPassword(identity.password())
                    .setSoftwareName("millrace-jms-client")
                    .setSoftwareVersion(identity.softwareVersion())
                    .setProducerId(context.producerId)
                    .setProducerEpoch(context.producerEpoch);
        }

        @Override
        ApiMessage newResponse() {
            return new HelloResponseData();
        }

        @Override
        void onResponse(ApiMessage response) {
            onHello(link, (HelloResponseData) response);
        }

        @Override
        void onLost() {
            // The loss of the link is what counts.
        }
    }
}
