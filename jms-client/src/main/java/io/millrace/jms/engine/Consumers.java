package io.millrace.jms.engine;

import io.millrace.protocol.DeliveredMessages;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.SettlementKind;
import io.millrace.protocol.message.DeliverResponseData;
import io.millrace.protocol.message.SettleResponseData;
import io.netty.util.collection.IntObjectHashMap;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The consumers of a connection: attached where their partitions are led, attached again after every loss with what they
 * hold and what they settled, until they are detached or the broker ends them. Owned by the engine.
 */
final class Consumers implements Link.DeliverHandler {
    private final IntObjectHashMap<PartitionAttachment> byId = new IntObjectHashMap<>();
    private final Set<PartitionAttachment> all = new LinkedHashSet<>();
    private final List<SettleWait> waits = new ArrayList<>();
    private final List<ReachWait> reachWaits = new ArrayList<>();
    private final PartitionSender.Owner routes;
    private int nextConsumerId = 1;

    Consumers(PartitionSender.Owner routes) {
        this.routes = routes;
    }

    /** Somebody who waits until settlements are durable, and how many of each consumer there were. */
    private record SettleWait(Map<PartitionAttachment, Long> counts, Reply<Done> reply) {
        boolean isOver() {
            return counts.entrySet().stream().allMatch(entry -> entry.getKey().isConfirmedUpTo(entry.getValue()));
        }

        boolean concerns(PartitionAttachment consumer) {
            Long count = counts.get(consumer);
            return count != null && !consumer.isConfirmedUpTo(count);
        }
    }

    /** Somebody who waits until consumers are attached or over. */
    private record ReachWait(Collection<Attachment> attachments, Runnable then) {}

    // Attaching.

    void attach(Attachment attachment) {
        for (Route route : attachment.destination.routes) {
            PartitionAttachment part = new PartitionAttachment(attachment, route, nextConsumerId++);
            attachment.partitions.add(part);
            byId.put(part.consumerId, part);
            all.add(part);
            route.attachments.add(part);
        }
        for (PartitionAttachment part : attachment.partitions) {
            if (part.route.link != null) {
                onRoute(part, part.route.link);
            }
        }
    }

    /** There is a link to the leader of the consumer's partition. A leader before it, of which nothing is heard, is left. */
    void onRoute(PartitionAttachment consumer, Link link) {
        Link before = consumer.link;
        boolean isElsewhere = consumer.state == AttachState.ATTACHED || consumer.state == AttachState.ATTACHING;
        if (isElsewhere && before != null && before != link) {
            before.settlements.forget(consumer);
            detachedFrom(consumer);
        }
        if (consumer.state == AttachState.UNATTACHED) {
            consumer.state = AttachState.ATTACHING;
            consumer.link = link;
            consumer.resetCredit();
            AttachCall call = new AttachCall(this, consumer, link);
            consumer.attaching = call;
            link.call(call);
        }
    }

    void onAttached(PartitionAttachment consumer, AttachCall.Answer answer) {
        consumer.state = AttachState.ATTACHED;
        consumer.wasAttached = true;
        consumer.leaderEpoch = answer.leaderEpoch();
        if (consumer.isVolatile()) {
            consumer.goOnFrom(answer.startOffset());
        } else {
            takeLosses(consumer, answer);
        }
        answer.link().settlements.sentWithAttach(answer.settlements());
        if (consumer.hasUnsent() || consumer.isDrainAwaited) {
            answer.link().settlements.markDirty(consumer);
        }
        if (waits.stream().anyMatch(wait -> wait.concerns(consumer))) {
            answer.link().settlements.hurry();
        }
        Attachment owner = consumer.owner;
        if (owner.isClosing) {
            sendDetach(consumer, answer.link());
        } else if (owner.isAttached()) {
            onWhole(owner);
        }
    }

    /** What is said later must not speak of messages that are no more: others have their offsets. */
    private void takeLosses(PartitionAttachment consumer, AttachCall.Answer answer) {
        consumer.dropSettled(answer.knownEnd(), Long.MAX_VALUE);
        if (answer.hasLostAcceptance()) {
            EngineException loss = new EngineException(
                    ErrorCode.DELIVERY_LOST,
                    "this client was out of the broker's reach for longer than reattach.grace.ms, and the broker"
                            + " took back for other consumers what was being settled; it may be processed twice");
            failWaits(List.of(consumer), loss);
            if (consumer.owner.isClosing) {
                consumer.owner.lostAcceptance = loss;
            }
        }
        answer.lost().forEach(range -> consumer.onLost(range.firstOffset(), range.lastOffset()));
    }

    private void onWhole(Attachment owner) {
        Reply<Done> reply = owner.attachReply;
        if (reply != null) {
            owner.attachReply = null;
            reply.complete(Done.DONE);
        }
        if (owner.isSuspended) {
            owner.isSuspended = false;
            owner.sink.onResumed();
        }
        tellReachable();
    }

    static boolean areReachable(Collection<Attachment> attachments) {
        return attachments.stream().allMatch(attachment -> attachment.isClosing || attachment.isAttached());
    }

    void whenReachable(Collection<Attachment> attachments, Runnable then) {
        reachWaits.add(new ReachWait(List.copyOf(attachments), then));
        tellReachable();
    }

    private void tellReachable() {
        if (reachWaits.isEmpty()) {
            return;
        }
        List<ReachWait> over = reachWaits.stream()
                .filter(wait -> areReachable(wait.attachments))
                .toList();
        reachWaits.removeAll(over);
        over.forEach(wait -> wait.then.run());
    }

    void onAttachFailed(PartitionAttachment consumer, EngineException cause) {
        if (cause.isTransient()) {
            detachedFrom(consumer);
            routes.onStale(consumer.route);
        } else {
            endWith(consumer, cause);
        }
    }

    void onLinkLost(Link link) {
        for (PartitionAttachment consumer : List.copyOf(all)) {
            if (consumer.link == link) {
                detachedFrom(consumer);
            }
        }
        finishWaits();
    }

    /** The consumer is without a link now. */
    private void detachedFrom(PartitionAttachment consumer) {
        consumer.link = null;
        consumer.attaching = null;
        consumer.isDirty = false;
        consumer.state = AttachState.UNATTACHED;
        if (consumer.isVolatile()) {
            consumer.confirmAll();
        }
        Attachment owner = consumer.owner;
        if (owner.isClosing && !consumer.hasUnconfirmed()) {
            over(consumer);
        } else if (!owner.isClosing && owner.attachReply == null && !owner.isSuspended) {
            owner.isSuspended = true;
            owner.sink.onSuspended();
        }
    }

    /** The topic was deleted and made anew: the consumer begins again. */
    void onNewTopic(PartitionAttachment consumer) {
        consumer.startAnew();
        if (consumer.state != AttachState.UNATTACHED) {
            detachedFrom(consumer);
        }
        finishWaits();
    }

    // Detaching and the end.

    void detach(Attachment attachment, Reply<Done> reply) {
        if (attachment.isOver()) {
            reply.complete(Done.DONE);
            return;
        }
        attachment.isClosing = true;
        attachment.detachReply = reply;
        tellReachable();
        for (PartitionAttachment consumer : attachment.partitions) {
            switch (consumer.state) {
                case ATTACHED -> sendDetach(consumer, linkOf(consumer));
                case UNATTACHED -> {
                    if (!consumer.hasUnconfirmed()) {
                        over(consumer);
                    }
                }
                case ATTACHING, DETACHING, OVER -> {}
            }
        }
    }

    private static Link linkOf(PartitionAttachment consumer) {
        Link link = consumer.link;
        if (link == null) {
            throw new IllegalStateException(consumer + " is " + consumer.state + " without a link");
        }
        return link;
    }

    private void sendDetach(PartitionAttachment consumer, Link link) {
        consumer.state = AttachState.DETACHING;
        link.call(new DetachCall(this, consumer, link));
    }

    void onDetached(PartitionAttachment consumer, @Nullable EngineException failure) {
        if (failure == null || failure.code() == ErrorCode.UNKNOWN_CONSUMER) {
            consumer.confirmAll();
        } else {
            consumer.owner.failure = failure;
            failWaits(List.of(consumer), failure);
        }
        over(consumer);
        finishWaits();
    }

    private void over(PartitionAttachment consumer) {
        consumer.state = AttachState.OVER;
        consumer.link = null;
        byId.remove(consumer.consumerId);
        all.remove(consumer);
        consumer.route.attachments.remove(consumer);
        Attachment owner = consumer.owner;
        Reply<Done> reply = owner.detachReply;
        if (reply != null && owner.isOver()) {
            owner.detachReply = null;
            boolean hasUnconfirmed = owner.partitions.stream().anyMatch(PartitionAttachment::hasUnconfirmed);
            EngineException failure = hasUnconfirmed && owner.failure != null ? owner.failure : owner.lostAcceptance;
            if (failure != null) {
                reply.fail(failure);
            } else {
                reply.complete(Done.DONE);
            }
        }
    }

    /** A consumer is no more at one of its partitions, and so is to be at none. */
    private void endWith(PartitionAttachment consumer, EngineException cause) {
        consumer.owner.failure = cause;
        over(consumer);
        end(consumer.owner, cause);
    }

    /** The broker ended a consumer, or the connection is lost for good. Where it is attaching it is detached when the answer comes. */
    void end(Attachment owner, EngineException cause) {
        boolean wasClosing = owner.isClosing;
        Reply<Done> attachReply = owner.attachReply;
        owner.attachReply = null;
        owner.isClosing = true;
        owner.failure = cause;
        failWaits(owner.partitions, cause);
        tellReachable();
        for (PartitionAttachment consumer : owner.partitions) {
            if (consumer.state == AttachState.ATTACHED) {
                sendDetach(consumer, linkOf(consumer));
            } else if (consumer.state == AttachState.UNATTACHED) {
                over(consumer);
            }
        }
        if (attachReply != null) {
            attachReply.fail(cause);
        } else if (!wasClosing) {
            owner.sink.onEnded(cause);
        }
    }

    /** The connection is lost for good. */
    void endAll(EngineException cause) {
        for (PartitionAttachment consumer : List.copyOf(all)) {
            consumer.state = AttachState.UNATTACHED;
            consumer.link = null;
        }
        for (PartitionAttachment consumer : List.copyOf(all)) {
            if (consumer.state != AttachState.OVER) {
                end(consumer.owner, cause);
            }
        }
    }

    private void onEnded(PartitionAttachment consumer, EngineException cause) {
        if (cause.isTransient() && !consumer.owner.isClosing) {
            detachedFrom(consumer);
            routes.onStale(consumer.route);
        } else {
            endWith(consumer, cause);
        }
    }

    // Settlements and credit.

    void settle(PartitionAttachment consumer, SettlementKind kind, long first, long last) {
        boolean isEnding = consumer.state == AttachState.OVER || consumer.state == AttachState.DETACHING;
        if (isEnding && consumer.owner.failure != null) {
            consumer.owner.hasSettledTooLate = true;
            return;
        }
        if (consumer.state == AttachState.OVER) {
            return;
        }
        consumer.settle(kind, first, last);
        markDirty(consumer);
    }

    void consumed(PartitionAttachment consumer, int messages, long bytes) {
        consumer.onConsumed(messages, bytes);
        if (consumer.wantsCredit()) {
            markDirty(consumer);
        }
    }

    void endFlow(Attachment attachment) {
        attachment.isFlowing = false;
        for (PartitionAttachment consumer : attachment.partitions) {
            consumer.requestStop();
            markDirty(consumer);
        }
    }

    void setFlowing(Attachment attachment, boolean isFlowing) {
        attachment.isFlowing = isFlowing;
        for (PartitionAttachment consumer : attachment.partitions) {
            if (consumer.wantsCredit()) {
                markDirty(consumer);
            }
        }
    }

    void drain(Attachment attachment) {
        for (PartitionAttachment consumer : attachment.partitions) {
            consumer.requestDrain();
            markDirty(consumer);
        }
    }

    static void markDirty(PartitionAttachment consumer) {
        if (consumer.link != null && consumer.state == AttachState.ATTACHED) {
            consumer.link.settlements.markDirty(consumer);
        }
    }

    void awaitSettled(Collection<Attachment> attachments, Reply<Done> reply) {
        Map<PartitionAttachment, Long> concerned = new LinkedHashMap<>();
        for (Attachment attachment : attachments) {
            EngineException ended = attachment.failure;
            if (attachment.hasSettledTooLate && ended != null) {
                attachment.hasSettledTooLate = false;
                reply.fail(ended);
                return;
            }
            for (PartitionAttachment consumer : attachment.partitions) {
                if (consumer.hasUnconfirmed()) {
                    if (consumer.state == AttachState.OVER) {
                        EngineException failure = attachment.failure;
                        reply.fail(
                                failure != null
                                        ? failure
                                        : new EngineException(ErrorCode.UNKNOWN_CONSUMER, "the consumer is gone"));
                        return;
                    }
                    concerned.put(consumer, consumer.issued());
                    if (consumer.link != null && consumer.state == AttachState.ATTACHED) {
                        consumer.link.settlements.hurry();
                    }
                }
            }
        }
        if (concerned.isEmpty()) {
            reply.complete(Done.DONE);
            return;
        }
        waits.add(new SettleWait(concerned, reply));
    }

    private void finishWaits() {
        if (waits.isEmpty()) {
            return;
        }
        List<SettleWait> over = waits.stream().filter(SettleWait::isOver).toList();
        waits.removeAll(over);
        over.forEach(wait -> wait.reply.complete(Done.DONE));
    }

    private void failWaits(List<PartitionAttachment> consumers, EngineException cause) {
        List<SettleWait> failed = waits.stream()
                .filter(wait -> consumers.stream().anyMatch(wait::concerns))
                .toList();
        waits.removeAll(failed);
        failed.forEach(wait -> wait.reply.fail(cause));
    }

    /** Sends what gathered in the turn. */
    void flush(List<Link> links) {
        for (Link link : links) {
            link.settlements.flush(this);
        }
    }

    // What the broker says.

    void onSettle(Link link, SettleResponseData response) {
        ErrorCode code = ErrorCode.of(response.errorCode());
        if (code == ErrorCode.NONE) {
            onConfirmed(link, response.confirmedSequence());
        } else {
            EngineException cause = EngineException.answered(code, response.errorMessage());
            failWaits(all.stream().filter(consumer -> consumer.link == link).toList(), cause);
        }
    }

    private void onConfirmed(Link link, long sequence) {
        link.settlements.onConfirmed(sequence);
        finishWaits();
    }

    @Override
    public void onDeliver(Link link, DeliverResponseData response) {
        if (response.errorCode() != ErrorCode.NONE.code()) {
            throw new io.millrace.protocol.wire.MalformedFrameException(
                    "Deliver was refused: " + ErrorCode.of(response.errorCode()) + " " + response.errorMessage());
        }
        // First: what an ended consumer settled the broker has passed over, and its number says nothing of it.
        for (DeliverResponseData.EndedConsumer ended : response.ended()) {
            PartitionAttachment consumer = byId.get(ended.consumerId());
            if (consumer != null && consumer.link == link) {
                link.settlements.forget(consumer);
                onEnded(consumer, EngineException.answered(ErrorCode.of(ended.errorCode()), ended.errorMessage()));
            }
        }
        onConfirmed(link, response.confirmedSequence());
        for (DeliverResponseData.ConsumerDeliveries deliveries : response.deliveries()) {
            PartitionAttachment consumer = byId.get(deliveries.consumerId());
            if (consumer != null && consumer.link == link && consumer.takesDeliveries()) {
                onMessages(consumer, deliveries);
            }
        }
        for (int consumerId : response.drained()) {
            PartitionAttachment consumer = byId.get(consumerId);
            if (consumer != null && consumer.link == link && consumer.isDrainAwaited) {
                consumer.isDrainAwaited = false;
                if (!consumer.owner.isDraining()) {
                    consumer.owner.sink.onDrained();
                }
            }
        }
    }

    private static void onMessages(PartitionAttachment consumer, DeliverResponseData.ConsumerDeliveries deliveries) {
        DeliverySink sink = consumer.owner.sink;
        DeliveredMessages.read(deliveries.messages(), (offset, timestampMs, deliveryCount, record) -> {
            int sizeBytes = record.remaining() + DeliveredMessages.OVERHEAD_BYTES;
            if (consumer.onDelivered(offset, sizeBytes)) {
                byte[] bytes = new byte[record.remaining()];
                record.get(bytes);
                sink.onDelivery(new Delivery(consumer, offset, timestampMs, deliveryCount, bytes));
            }
        });
        sink.onDeliveriesEnd();
        if (consumer.wantsCredit()) {
            markDirty(consumer);
        }
    }
}
