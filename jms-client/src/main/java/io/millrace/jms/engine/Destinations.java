package io.millrace.jms.engine;

import io.millrace.protocol.DestinationName;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ResolveDestinationRequestData;
import io.millrace.protocol.message.ResolveDestinationResponseData;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/**
 * The destinations of a connection and the links to their leaders. A destination whose leader is lost or says that it
 * leads no more is resolved again, at once and then after a pause that grows; its messages and consumers wait meanwhile, up to the time
 * limit for reconnecting. Brokers are asked in turn, since one that is cut off from the others names itself for ever, and an answer of an
 * earlier epoch than one that is known does not count. Owned by the engine.
 */
final class Destinations {
    private final Context context;
    private final Brokers brokers;
    private final Standbys standbys;
    private final Consumers consumers;
    private final PartitionSender.Owner senders;
    private final Map<DestinationName, Destination> byName = new LinkedHashMap<>();

    Destinations(
            Context context, Brokers brokers, Standbys standbys, Consumers consumers, PartitionSender.Owner senders) {
        this.context = context;
        this.brokers = brokers;
        this.standbys = standbys;
        this.consumers = consumers;
        this.senders = senders;
    }

    void resolve(DestinationName name, Reply<Destination> reply) {
        Destination destination = byName.computeIfAbsent(name, Destination::new);
        if (destination.isResolved) {
            reply.complete(destination);
            return;
        }
        destination.waiting.add(reply);
        require(destination);
    }

    /** Something waits for the destination: sees to it that it is resolved. */
    void require(Destination destination) {
        if (destination.isResolved || destination.isResolving || destination.retryAtMs != Long.MAX_VALUE) {
            return;
        }
        if (destination.unresolvedSinceMs < 0) {
            destination.unresolvedSinceMs = context.nowMs;
        }
        Link link = brokers.readyAfter(destination.askedBroker);
        if (link != null) {
            if (link.brokerId() == destination.askedBroker) {
                brokers.lookFurther();
            }
            ask(destination, link);
        }
    }

    private void ask(Destination destination, Link link) {
        destination.askedBroker = link.brokerId();
        destination.isResolving = true;
        link.call(new Resolve(destination, link));
    }

    /** Asks a leader for its own word, but not while leaders are looked for: what comes of that is asked about then. */
    void askLeader(Route route, Link link) {
        if (route.destination.isResolved && !route.destination.isResolving) {
            ask(route.destination, link);
        }
    }

    void onLinkReady(Link link) {
        for (Destination destination : List.copyOf(byName.values())) {
            if (!destination.isResolved && destination.isNeeded()) {
                require(destination);
            }
            for (Route route : destination.routes) {
                if (destination.isResolved && route.leaderId == link.brokerId() && route.link != link) {
                    bind(route, link);
                }
            }
        }
    }

    /** A link to a broker could not be made, or was lost. */
    void onLinkLost(Link link) {
        for (Destination destination : List.copyOf(byName.values())) {
            if (destination.askedBroker == link.brokerId()) {
                destination.askedBroker = -1;
            }
            boolean wasUsed = false;
            for (Route route : destination.routes) {
                wasUsed |= route.link == link || route.leaderId == link.brokerId();
                if (route.link == link) {
                    route.link = null;
                } else if (route.link != null) {
                    attachAll(route, route.link); // those that were still attached to the leader before
                }
            }
            if (wasUsed && destination.isResolved) {
                resolveAgain(destination);
            }
        }
    }

    /** The broker does not serve a partition as a leader should. */
    void onStale(Route route) {
        route.link = null;
        route.epochSaidOver = null;
        if (route.destination.isResolved) {
            resolveAgain(route.destination);
        }
    }

    private void resolveAgain(Destination destination) {
        destination.isResolved = false;
        if (destination.unresolvedSinceMs < 0 && destination.isNeeded()) {
            destination.unresolvedSinceMs = context.nowMs;
        }
        if (brokers.anyReady() == null) {
            return;
        }
        if (destination.isServed && destination.isNeeded()) {
            destination.isServed = false; // who is asked in vain is not asked at once again
            require(destination);
        } else {
            pause(destination);
        }
    }

    private void pause(Destination destination) {
        destination.backoffMs = context.config.timeouts().nextBackoffMs(destination.backoffMs);
        destination.retryAtMs = context.nowMs + destination.backoffMs;
    }

    /** A leader that does not answer may be one no more: nobody else led when the client was told of it. */
    private void askAgainUnlessReached(Destination destination) {
        destination.retryAtMs = context.nowMs + context.config.timeouts().maxBackoffMs();
    }

    void onTick() {
        for (Destination destination : List.copyOf(byName.values())) {
            if (destination.retryAtMs <= context.nowMs) {
                destination.retryAtMs = Long.MAX_VALUE;
                destination.isResolved &= destination.isWhole();
                if (isOutOfTime(destination)) {
                    giveUp(destination);
                } else if (destination.isNeeded()) {
                    require(destination);
                } else {
                    destination.unresolvedSinceMs = -1;
                }
            }
        }
    }

    long deadlineMs() {
        long deadline = Long.MAX_VALUE;
        for (Destination destination : byName.values()) {
            deadline = Math.min(deadline, destination.retryAtMs);
        }
        return deadline;
    }

    private boolean isOutOfTime(Destination destination) {
        return destination.unresolvedSinceMs >= 0
                && context.nowMs - destination.unresolvedSinceMs
                        >= context.config.timeouts().reconnectMs();
    }

    private void giveUp(Destination destination) {
        EngineException last = destination.lastFailure;
        fail(
                destination,
                new EngineException(
                        last == null ? ErrorCode.LEADER_NOT_AVAILABLE : last.code(),
                        destination + " had no leader within reach for "
                                + context.config.timeouts().reconnectMs() + " ms"
                                + (last == null ? "" : ": " + last.getMessage())));
    }

    /** Everything that waits for the destination fails; it is asked for anew when it is used next. */
    private void fail(Destination destination, EngineException cause) {
        destination.unresolvedSinceMs = -1;
        List<Reply<Destination>> waiting = List.copyOf(destination.waiting);
        destination.waiting.clear();
        waiting.forEach(reply -> reply.fail(cause));
        for (Route route : destination.routes) {
            route.sender.failAll(cause);
            List.copyOf(route.attachments).forEach(attachment -> consumers.end(attachment.owner, cause));
            List<Call> parked = List.copyOf(route.parked);
            route.parked.clear();
            parked.forEach(call -> call.onFailed(cause));
        }
    }

    void failAll(EngineException cause) {
        byName.values().forEach(destination -> fail(destination, cause));
    }

    boolean isSendingIdle() {
        for (Destination destination : byName.values()) {
            for (Route route : destination.routes) {
                if (!route.sender.isIdle()) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Sends a call to the leader of a partition, now or when there is a link. */
    void callLeader(Route route, Call call) {
        if (route.link != null) {
            route.link.call(call);
        } else {
            route.parked.add(call);
            require(route.destination);
        }
    }

    private void bind(Route route, Link link) {
        route.link = link;
        if (route.destination.isWhole()) {
            route.destination.unresolvedSinceMs = -1;
            route.destination.backoffMs = 0;
        }
        senders.pumpLater(route.sender);
        attachAll(route, link);
        while (route.link == link && !route.parked.isEmpty()) {
            link.call(route.parked.remove());
        }
    }

    private void attachAll(Route route, Link link) {
        for (PartitionAttachment attachment : List.copyOf(route.attachments)) {
            consumers.onRoute(attachment, link);
        }
    }

    private void onResolved(Destination destination, Link asked, ResolveDestinationResponseData answer) {
        destination.isResolving = false;
        ErrorCode code = ErrorCode.of(answer.errorCode());
        if (code != ErrorCode.NONE) {
            EngineException failure = EngineException.answered(code, answer.errorMessage());
            destination.lastFailure = failure;
            if (code.isRetriable()) {
                destination.isResolved = false;
                pause(destination);
            } else {
                fail(destination, failure);
            }
            return;
        }
        destination.setLimits(answer.partitions().size(), answer.maxMessageBytes());
        if (!answer.topicId().equals(destination.topicId)) {
            takeTopic(destination, answer);
        }
        destination.isResolved = true;
        destination.lastFailure = null;
        boolean isLed = true;
        for (ResolveDestinationResponseData.PartitionLeader leader : answer.partitions()) {
            if (leader.index() < destination.routes.size()) {
                Route route = destination.routes.get(leader.index());
                if (leader.leaderEpoch() < route.leaderEpoch) {
                    isLed = false; // the broker lags behind another that was asked before
                    continue;
                }
                route.leaderId = leader.leaderId();
                if (leader.leaderEpoch() != route.leaderEpoch) {
                    route.leaderEpoch = leader.leaderEpoch();
                    route.epochSaidOver = null;
                    route.sender.onNewLeader();
                }
                if (asked.brokerId() == leader.leaderId()) {
                    route.epochSaidOver = asked;
                }
                senders.pumpLater(route.sender);
                isLed &= leader.leaderId() >= 0 && lead(route, answer.brokers());
            }
        }
        answer.brokers()
                .forEach(broker -> standbys.onNamed(broker.id(), new BrokerAddress(broker.host(), broker.port())));
        if (!isLed) {
            destination.isResolved = false;
            pause(destination);
        } else if (!destination.isWhole()) {
            askAgainUnlessReached(destination);
        } else {
            destination.unresolvedSinceMs = -1;
        }
        List<Reply<Destination>> waiting = List.copyOf(destination.waiting);
        destination.waiting.clear();
        waiting.forEach(reply -> reply.complete(destination));
    }

    /** Binds a partition to its leader's link, or has one made. Returns false if the answer does not say where it is. */
    private boolean lead(Route route, List<ResolveDestinationResponseData.BrokerAddress> addresses) {
        Link link = brokers.toBroker(route.leaderId, addressOf(addresses, route.leaderId));
        if (link == null) {
            return false;
        }
        if (link.isReady() && route.link != link) {
            bind(route, link);
        }
        return true;
    }

    private static @Nullable BrokerAddress addressOf(
            List<ResolveDestinationResponseData.BrokerAddress> addresses, int brokerId) {
        for (ResolveDestinationResponseData.BrokerAddress address : addresses) {
            if (address.id() == brokerId) {
                return new BrokerAddress(address.host(), address.port());
            }
        }
        return null;
    }

    /** The topic is seen for the first time, or was deleted and made anew. */
    private void takeTopic(Destination destination, ResolveDestinationResponseData answer) {
        destination.topicId = answer.topicId();
        List<Route> routes = new ArrayList<>(destination.routes);
        for (Route route : routes) {
            route.link = null;
            route.leaderEpoch = -1;
            route.sender.onNewTopic();
            List.copyOf(route.attachments).forEach(consumers::onNewTopic);
        }
        for (int i = routes.size(); i < answer.partitions().size(); i++) {
            routes.add(new Route(context, destination, i, senders));
        }
        destination.routes = List.copyOf(routes);
    }

    /** A ResolveDestination under way. */
    private final class Resolve extends Call {
        private final Destination destination;
        private final Link asked;

        Resolve(Destination destination, Link asked) {
            this.destination = destination;
            this.asked = asked;
        }

        @Override
        ApiMessage request() {
            return new ResolveDestinationRequestData()
                    .setKind(destination.name().kind().code())
                    .setName(destination.name().name())
                    .setCreate(context.config.createDestinations());
        }

        @Override
        ApiMessage newResponse() {
            return new ResolveDestinationResponseData();
        }

        @Override
        void onResponse(ApiMessage response) {
            onResolved(destination, asked, (ResolveDestinationResponseData) response);
        }

        @Override
        void onLost() {
            destination.isResolving = false;
            require(destination);
        }
    }
}
