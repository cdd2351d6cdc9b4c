package io.millrace.jms.engine;

import io.millrace.protocol.DestinationKind;
import io.millrace.protocol.DestinationName;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.SettlementKind;
import io.millrace.protocol.message.AlterClusterSettingsRequestData;
import io.millrace.protocol.message.AlterReplicasRequestData;
import io.millrace.protocol.message.AlterReplicasResponseData;
import io.millrace.protocol.message.ClusterStateResponseData;
import io.millrace.protocol.message.DescribeDestinationResponseData;
import io.millrace.protocol.message.DescribeReplicasResponseData;
import io.millrace.protocol.message.ListDestinationsResponseData;
import io.millrace.protocol.message.UpgradeClusterResponseData;
import io.millrace.protocol.wire.MalformedFrameException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/**
 * The core of a JMS connection. Its inputs are commands of the application, what happens on its channels, and the time;
 * what it wants done goes to the {@link Outbox}, and what became of a command to a {@link Reply}, a {@link PendingSend} or
 * a {@link DeliverySink}, always from within an input.
 *
 * <p>Inputs only gather: the shell calls {@link #endOfTurn} after one or more of them, and then messages go out in
 * batches, and settlements and credit in one request. Parts: {@link Brokers} has the links, {@link Standbys} sees to those that may be wanted
 * soon, {@link Destinations} has the
 * leaders, a {@link PartitionSender} for each partition the messages on their way, {@link Consumers} the deliveries.
 *
 * <p>Owned by one thread, the event loop of the connection; nothing here is for several.
 */
public final class ConnectionEngine {
    private final Context context;
    private final Brokers brokers;
    private final Consumers consumers;
    private final Destinations destinations;
    private final Standbys standbys;
    private final List<PartitionSender> dirtySenders = new ArrayList<>();
    private final AnyCalls anyCalls;
    private @Nullable Reply<Done> openReply;
    private @Nullable Reply<Done> closeReply;
    private @Nullable EngineException failure;

    /** An engine that does nothing until {@link #open}. Frames come from the allocator. */
    public ConnectionEngine(EngineConfig config, Outbox outbox, ByteBufAllocator allocator) {
        this.context = new Context(config, outbox, allocator);
        SenderOwner owner = new SenderOwner();
        this.brokers = new Brokers(context, new BrokerListener());
        this.anyCalls = new AnyCalls(context, brokers);
        this.consumers = new Consumers(owner);
        this.standbys = new Standbys(context, brokers);
        this.destinations = new Destinations(context, brokers, standbys, consumers, owner);
    }

    // The life of the connection.

    /** Connects: tries each address once and fails with the last reason if none answers. */
    public void open(Reply<Done> reply, long nowMs) {
        context.nowMs = nowMs;
        openReply = reply;
        brokers.open();
    }

    /** Closes when every message under way is answered; consumers should have been detached. */
    public void close(Reply<Done> reply, long nowMs) {
        context.nowMs = nowMs;
        closeReply = reply;
        closeIfIdle();
    }

    /** Closes at once: what is under way fails, its outcome unknown. */
    public void abort(long nowMs) {
        context.nowMs = nowMs;
        end(new EngineException(ErrorCode.NETWORK_EXCEPTION, "the connection was closed"));
    }

    private void closeIfIdle() {
        Reply<Done> reply = closeReply;
        if (reply != null && (failure != null || destinations.isSendingIdle())) {
            closeReply = null;
            end(new EngineException(ErrorCode.NETWORK_EXCEPTION, "the connection is closed"));
            reply.complete(Done.DONE);
        }
    }

    private void end(EngineException cause) {
        if (failure != null) {
            return;
        }
        failure = cause;
        brokers.close();
        destinations.failAll(cause);
        consumers.endAll(cause);
        anyCalls.failAll(cause);
        Reply<Done> reply = openReply;
        openReply = null;
        if (reply != null) {
            reply.fail(cause);
        }
    }

    // What happens on channels.

    /** A channel asked for by {@link Outbox#connect} is connected. */
    public void onConnected(int channel, long nowMs) {
        context.nowMs = nowMs;
        Link link = brokers.byChannel(channel);
        if (link != null && link.state() == LinkState.CONNECTING) {
            brokers.onConnected(link);
        }
    }

    /** A channel was closed, or could not be connected. */
    public void onDisconnected(int channel, String reason, long nowMs) {
        context.nowMs = nowMs;
        Link link = brokers.byChannel(channel);
        if (link != null) {
            brokers.onDisconnected(
                    link, new EngineException(ErrorCode.NETWORK_EXCEPTION, link.address + ": " + reason));
        }
    }

    /** A frame came, without its length. It stays the caller's; the engine keeps nothing of it. */
    public void onFrame(int channel, ByteBuf frame, long nowMs) {
        context.nowMs = nowMs;
        Link link = brokers.byChannel(channel);
        if (link == null) {
            return;
        }
        try {
            link.onFrame(frame, consumers);
        } catch (MalformedFrameException | IllegalArgumentException e) {
            brokers.drop(link, "a frame that can not be read: " + e.getMessage());
        }
    }

    /** Time has passed. */
    public void onTick(long nowMs) {
        context.nowMs = nowMs;
        if (failure == null) {
            brokers.onTick();
            standbys.onTick();
            destinations.onTick();
            anyCalls.onTick();
        }
    }

    /** Sends what gathered. Returns when {@link #onTick} is due. */
    public long endOfTurn(long nowMs) {
        context.nowMs = nowMs;
        if (failure != null) {
            return Long.MAX_VALUE;
        }
        for (int i = 0; i < dirtySenders.size(); i++) {
            PartitionSender sender = dirtySenders.get(i);
            sender.isDirty = false;
            sender.pump();
        }
        dirtySenders.clear();
        consumers.flush(brokers.ready());
        closeIfIdle();
        long linksMs = Math.min(brokers.deadlineMs(), standbys.deadlineMs());
        return Math.min(linksMs, Math.min(destinations.deadlineMs(), anyCalls.deadlineMs()));
    }

    // Commands.

    /** Claims a JMS client identifier for the connection. */
    public void claimClientId(String clientId, Reply<Done> reply, long nowMs) {
        context.nowMs = nowMs;
        call(AdminCalls.claimClientId(clientId), done(reply, () -> {
            context.clientId = clientId;
            brokers.dropCutOff();
        }));
    }

    /** Deletes a durable subscription of the connection's client identifier. */
    public void unsubscribe(String subscriptionName, Reply<Done> reply, long nowMs) {
        context.nowMs = nowMs;
        call(AdminCalls.unsubscribe(subscriptionName), done(reply, () -> {}));
    }

    /** Finds a destination; creates it if that is allowed. */
    public void resolve(DestinationName name, Reply<Destination> reply, long nowMs) {
        context.nowMs = nowMs;
        if (failure != null) {
            reply.fail(failure);
        } else {
            destinations.resolve(name, reply);
        }
    }

    /** Sends a message. */
    public void send(PendingSend send, long nowMs) {
        context.nowMs = nowMs;
        if (failure != null) {
            send.onFailed(failure);
            return;
        }
        Route route = send.destination().routes.get(send.partition());
        route.sender.add(send);
        pumpLater(route.sender);
        destinations.require(send.destination());
    }

    /** Takes back a message that was not sent yet. Returns false if it may have reached the broker. */
    public boolean cancel(PendingSend send) {
        return send.destination().routes.get(send.partition()).sender.cancel(send);
    }

    /**
     * Attaches a consumer to all partitions of a destination.
     *
     * @param isFlowing whether the broker may send messages at once; see {@link #setFlowing}
     */
    public Attachment attach(
            Destination destination,
            AttachSpec spec,
            DeliverySink sink,
            boolean isFlowing,
            Reply<Done> reply,
            long nowMs) {
        context.nowMs = nowMs;
        Attachment attachment = new Attachment(destination, spec, sink, isFlowing, reply);
        if (failure != null) {
            attachment.attachReply = null;
            reply.fail(failure);
        } else {
            consumers.attach(attachment);
            destinations.require(destination);
        }
        return attachment;
    }

    /** Ends a consumer; answers when its settlements are durable. What it still holds goes back to the broker. */
    public void detach(Attachment attachment, Reply<Done> reply, long nowMs) {
        context.nowMs = nowMs;
        consumers.detach(attachment, reply);
    }

    /** Whether the broker may send messages. What was allowed before is not taken back. */
    public void setFlowing(Attachment attachment, boolean isFlowing, long nowMs) {
        context.nowMs = nowMs;
        consumers.setFlowing(attachment, isFlowing);
    }

    /** The broker is to send no message any more: what was allowed before is taken back. For a consumer that only waits for its end. */
    public void endFlow(Attachment attachment, long nowMs) {
        context.nowMs = nowMs;
        consumers.endFlow(attachment);
    }

    /** Makes room for as many further deliveries: the application, or whoever dropped them, has taken these. */
    public void consumed(PartitionAttachment source, int messages, long bytes, long nowMs) {
        context.nowMs = nowMs;
        consumers.consumed(source, messages, bytes);
    }

    /** Settles deliveries, without waiting for the broker. */
    public void settle(PartitionAttachment source, SettlementKind kind, long first, long last, long nowMs) {
        context.nowMs = nowMs;
        consumers.settle(source, kind, first, last);
    }

    /** Answers when all that was settled so far by these consumers is durable. */
    public void awaitSettled(Collection<Attachment> attachments, Reply<Done> reply, long nowMs) {
        context.nowMs = nowMs;
        if (failure != null) {
            reply.fail(failure);
        } else {
            consumers.awaitSettled(attachments, reply);
        }
    }

    /** Whether each of the consumers is attached, or over: then it is known which of its deliveries are still its own. */
    public boolean areReachable(Collection<Attachment> attachments) {
        return Consumers.areReachable(attachments);
    }

    /** Runs something once {@link #areReachable} holds, which may be over again by the next input. */
    public void whenReachable(Collection<Attachment> attachments, Runnable then) {
        consumers.whenReachable(attachments, then);
    }

    /** Asks the broker to say when it has nothing more for the consumer; {@link DeliverySink#onDrained} answers. */
    public void drain(Attachment attachment, long nowMs) {
        context.nowMs = nowMs;
        consumers.drain(attachment);
    }

    /** Reads a page of a queue's messages, none of which is delivered by that. */
    public void browse(Destination queue, int partition, long startOffset, Reply<BrowsePage> reply, long nowMs) {
        context.nowMs = nowMs;
        if (failure != null) {
            reply.fail(failure);
            return;
        }
        Route route = queue.routes.get(partition);
        destinations.callLeader(
                route,
                new BrowseCall(route, startOffset, reply, again -> destinations.callLeader(again.route(), again)));
    }

    /** Creates a destination; null stands for the broker's default number of partitions or replicas. */
    public void createDestination(
            DestinationName name,
            @Nullable Integer partitions,
            @Nullable Integer replicas,
            Map<String, String> configs,
            Reply<Done> reply,
            long nowMs) {
        context.nowMs = nowMs;
        call(AdminCalls.create(name, partitions, replicas, configs), done(reply, () -> {}));
    }

    /** Deletes a destination with all its messages. */
    public void deleteDestination(DestinationName name, Reply<Done> reply, long nowMs) {
        context.nowMs = nowMs;
        call(AdminCalls.delete(name), done(reply, () -> {}));
    }

    /** Lists the destinations of a kind, or all. */
    public void listDestinations(
            @Nullable DestinationKind kind, Reply<ListDestinationsResponseData> reply, long nowMs) {
        context.nowMs = nowMs;
        call(AdminCalls.list(kind), reply);
    }

    /** The brokers, and the state of every partition. */
    public void describeCluster(Reply<ClusterStateResponseData> reply, long nowMs) {
        context.nowMs = nowMs;
        call(AdminCalls.clusterState(), reply);
    }

    /** Asks that the first replica of each partition lead it. */
    public void electPreferredLeaders(Reply<Done> reply, long nowMs) {
        context.nowMs = nowMs;
        call(AdminCalls.electPreferredLeaders(), done(reply, () -> {}));
    }

    /** What moves in the cluster, and how far the followers of the asked broker's partitions are. */
    public void describeReplicas(Reply<DescribeReplicasResponseData> reply, long nowMs) {
        context.nowMs = nowMs;
        call(AdminCalls.describeReplicas(), reply);
    }

    /** Has partitions move. */
    public void alterReplicas(AlterReplicasRequestData request, Reply<AlterReplicasResponseData> reply, long nowMs) {
        context.nowMs = nowMs;
        call(AdminCalls.alterReplicas(request), reply);
    }

    /** Changes what is set for the whole cluster. */
    public void alterClusterSettings(AlterClusterSettingsRequestData request, Reply<Done> reply, long nowMs) {
        context.nowMs = nowMs;
        call(AdminCalls.alterClusterSettings(request), done(reply, () -> {}));
    }

    /**
     * Raises the cluster's format level, or asks for it.
     *
     * @param level null only asks; 0 for the newest that all brokers support
     */
    public void upgradeCluster(@Nullable Integer level, Reply<UpgradeClusterResponseData> reply, long nowMs) {
        context.nowMs = nowMs;
        call(AdminCalls.upgradeCluster(level), reply);
    }

    /** Describes a destination, its partitions and their subscriptions. */
    public void describeDestination(DestinationName name, Reply<DescribeDestinationResponseData> reply, long nowMs) {
        context.nowMs = nowMs;
        call(AdminCalls.describe(name), reply);
    }

    private <T extends ApiMessage> void call(AnyCall.Request<T> request, Reply<T> reply) {
        if (failure != null) {
            reply.fail(failure);
        } else {
            anyCalls.ask(new AnyCall<>(request, reply, anyCalls));
        }
    }

    /** A reply that only says whether it was done. */
    private static <T> Reply<T> done(Reply<Done> reply, Runnable first) {
        return new Reply<>() {
            @Override
            public void complete(T value) {
                first.run();
                reply.complete(Done.DONE);
            }

            @Override
            public void fail(EngineException cause) {
                reply.fail(cause);
            }
        };
    }

    private void pumpLater(PartitionSender sender) {
        if (!sender.isDirty) {
            sender.isDirty = true;
            dirtySenders.add(sender);
        }
    }

    /** What senders and consumers ask of the engine. */
    private final class SenderOwner implements PartitionSender.Owner {
        @Override
        public void pumpLater(PartitionSender sender) {
            ConnectionEngine.this.pumpLater(sender);
        }

        @Override
        public void onStale(Route route) {
            destinations.onStale(route);
        }

        @Override
        public void askLeader(Route route, Link link) {
            destinations.askLeader(route, link);
        }
    }

    /** What links tell the engine. */
    private final class BrokerListener implements Brokers.Listener {
        @Override
        public void onLinkReady(Link link) {
            Reply<Done> reply = openReply;
            openReply = null;
            if (reply != null) {
                reply.complete(Done.DONE);
            }
            standbys.onLinkReady(link);
            anyCalls.onLinkReady(link);
            destinations.onLinkReady(link);
        }

        @Override
        public void onLinkLost(Link link) {
            standbys.onLinkLost(link);
            consumers.onLinkLost(link);
            destinations.onLinkLost(link);
        }

        @Override
        public void onUnreachable(EngineException cause) {
            boolean wasOpen = openReply == null;
            end(cause);
            if (wasOpen) {
                context.outbox.lost(cause);
            }
        }
    }
}
