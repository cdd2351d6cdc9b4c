package io.millrace.simulation.client;

import io.millrace.jms.engine.AttachSpec;
import io.millrace.jms.engine.Attachment;
import io.millrace.jms.engine.Delivery;
import io.millrace.jms.engine.DeliverySink;
import io.millrace.jms.engine.Destination;
import io.millrace.jms.engine.EngineException;
import io.millrace.jms.engine.PartitionAttachment;
import io.millrace.protocol.DeliveredMessages;
import io.millrace.protocol.DestinationName;
import io.millrace.protocol.SettlementKind;
import io.millrace.protocol.record.RecordReader;
import io.millrace.simulation.check.MessageName;
import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An application with one consumer and its session: takes a message when it is done with the last, and settles it at once, or some of
 * them together later, or gives them back.
 */
public final class ConsumerApp implements DeliverySink {
    /**
     * How it works.
     *
     * @param subscription its name in the history
     * @param spec what it attaches to
     * @param acknowledgeEvery how many messages are acknowledged together; 1 for AUTO
     * @param recover how likely unacknowledged messages are given back instead
     * @param processingNs how long processing takes, each time
     * @param lasts whether the subscription outlasts its consumer
     * @param only whether it is the subscription's only consumer
     * @param waits whether it waits for confirmations now and then
     */
    public record Manner(
            String subscription,
            AttachSpec spec,
            int acknowledgeEvery,
            double recover,
            LongSupplier processingNs,
            boolean lasts,
            boolean only,
            boolean waits) {}

    /** A message that was handed to the application, and how often the client has given it back to itself. */
    private record Seen(Delivery delivery, MessageName name, int failures) {
        PartitionAttachment source() {
            return delivery.source();
        }

        long offset() {
            return delivery.offset();
        }
    }

    private static final long IDLE_NS = 300 * Kernel.MILLI;

    private final ClientProcess process;
    private final DestinationName destination;
    private final Manner manner;
    private final Chance chance;
    private final Deque<Delivery> buffered = new ArrayDeque<>();
    private final Deque<Seen> again = new ArrayDeque<>();
    private final List<Seen> unacknowledged = new ArrayList<>();
    private final List<Seen> unconfirmed = new ArrayList<>();
    private @Nullable Attachment attachment;
    private @Nullable Seen inHand;
    private boolean attached;
    private boolean suspended;
    private boolean closing;
    private boolean waiting;
    private int acknowledgements;

    public ConsumerApp(ClientProcess process, DestinationName destination, Manner manner) {
        this.process = process;
        this.destination = destination;
        this.manner = manner;
        this.chance = process.splitChance();
        process.consumes(destination);
    }

    /** Finds the destination and attaches, until it has succeeded. */
    public void start() {
        process.input(
                nowMs -> process.engine().resolve(destination, new Answer<>(this::attach, this::startLater), nowMs));
    }

    /** Whether it has been attached once. */
    public boolean isAttached() {
        return attached;
    }

    /** Ends the consumer: settles what is done, gives back the rest, and then tells. */
    public void close(Runnable closed) {
        Attachment from = attachment;
        closing = true;
        if (from == null || !attached) {
            closed.run();
            return;
        }
        giveBackSeen();
        List<Seen> settled = List.copyOf(unconfirmed);
        process.input(nowMs -> process.engine()
                .detach(
                        from,
                        new Answer<>(
                                done -> {
                                    confirm(settled);
                                    closed.run();
                                },
                                cause -> closed.run()),
                        nowMs));
    }

    private void startLater(EngineException cause) {
        process.kernel().note(process.name(), "could not attach: " + cause.code());
        process.after(chance.between(50, 500) * 1_000_000, "tries again to attach", this::start);
    }

    private void attach(Destination resolved) {
        process.history().onConsumer(manner.subscription, process.judged());
        process.input(nowMs -> attachment = process.engine()
                .attach(
                        resolved,
                        manner.spec,
                        this,
                        true,
                        new Answer<>(done -> onAttached(), this::startLater),
                        nowMs));
    }

    private void onAttached() {
        attached = true;
        process.history().onSubscribed(manner.subscription, destination.toString(), manner.lasts());
        process.judged().back(process.kernel().nowNs());
        takeNext();
    }

    // ---- what the engine tells

    @Override
    public void onDelivery(Delivery delivery) {
        PartitionAttachment source = delivery.source();
        process.history().onSentBy(destination + "-" + source.partition(), source.leaderEpoch(), process.sentNs());
        if (!closing) {
            buffered.add(delivery);
        }
    }

    @Override
    public void onDeliveriesEnd() {
        takeNext();
    }

    @Override
    public void onSuspended() {
        suspended = true;
    }

    @Override
    public void onResumed() {
        suspended = false;
        process.judged().back(process.kernel().nowNs());
        takeNext();
    }

    @Override
    public void onLost(PartitionAttachment source, long first, long last) {
        process.kernel().note(process.name(), "lost held offsets", first, last);
        for (Delivery delivery : List.copyOf(buffered)) {
            if (isWithin(delivery, source, first, last)) {
                buffered.remove(delivery);
                consumed(delivery);
            }
        }
        unacknowledged.removeIf(seen -> isWithin(seen.delivery, source, first, last));
        again.removeIf(seen -> isWithin(seen.delivery, source, first, last));
        Seen seen = inHand;
        if (seen != null && isWithin(seen.delivery, source, first, last)) {
            inHand = null;
        }
        unconfirmed.stream()
                .filter(settled -> isWithin(settled.delivery, source, first, last))
                .forEach(settled -> process.history().onForgotten(manner.subscription, settled.name));
        unconfirmed.removeIf(settled -> isWithin(settled.delivery, source, first, last));
    }

    private static boolean isWithin(Delivery delivery, PartitionAttachment source, long first, long last) {
        return delivery.source() == source && delivery.offset() >= first && delivery.offset() <= last;
    }

    private void consumed(Delivery delivery) {
        int bytes = delivery.record().length + DeliveredMessages.OVERHEAD_BYTES;
        process.input(nowMs -> process.engine().consumed(delivery.source(), 1, bytes, nowMs));
    }

    @Override
    public void onDrained() {}

    @Override
    public void onEnded(EngineException cause) {
        process.kernel().note(process.name(), "consumer ended: " + cause.code());
        for (Seen seen : unconfirmed) {
            process.history().onForgotten(manner.subscription, seen.name);
        }
        buffered.clear();
        again.clear();
        unacknowledged.clear();
        unconfirmed.clear();
        inHand = null;
        attachment = null;
        attached = false;
        suspended = false;
        if (!closing) {
            startLater(cause);
        }
    }

    // ---- the application

    private void takeNext() {
        if (inHand != null || waiting || suspended || closing || !attached) {
            return;
        }
        Seen retried = again.poll();
        Delivery delivery = retried != null ? retried.delivery : buffered.poll();
        if (delivery == null) {
            return;
        }
        int failures = retried != null ? retried.failures + 1 : 0;
        if (retried == null) {
            consumed(delivery);
        }
        ByteBuffer value =
                RecordReader.ofBody(ByteBuffer.wrap(delivery.record())).value();
        MessageName name = process.history()
                .onDelivered(
                        manner.subscription,
                        process.judged(),
                        value == null ? ByteBuffer.allocate(0) : value,
                        delivery.offset(),
                        delivery.deliveryCount() + failures,
                        manner.only);
        process.kernel()
                .note(process.name(), "gets " + name.producer(), name.number(), delivery.deliveryCount() + failures);
        Seen seen = new Seen(delivery, name, failures);
        inHand = seen;
        process.after(manner.processingNs.getAsLong(), "has processed", () -> processed(seen));
    }

    private void processed(Seen seen) {
        if (!seen.equals(inHand)) {
            return;
        }
        inHand = null;
        if (closing) {
            return;
        }
        unacknowledged.add(seen);
        if (unacknowledged.size() >= manner.acknowledgeEvery || chance.chance(0.05)) {
            if (chance.chance(manner.recover)) {
                recover();
            } else {
                acknowledge();
            }
        } else {
            acknowledgeLater();
        }
        takeNext();
    }

    /** An application that has seen no message for a while acknowledges those that it has. */
    private void acknowledgeLater() {
        int count = ++acknowledgements;
        process.after(IDLE_NS, "acknowledges when idle", () -> {
            if (count == acknowledgements && !unacknowledged.isEmpty() && inHand == null && !waiting && !closing) {
                acknowledge();
                takeNext();
            }
        });
    }

    private void acknowledge() {
        acknowledgements++;
        List<Seen> all = List.copyOf(unacknowledged);
        unacknowledged.clear();
        unconfirmed.addAll(all);
        for (Seen seen : all) {
            process.history().onSettled(manner.subscription, process.judged(), seen.name);
            process.input(nowMs ->
                    process.engine().settle(seen.source(), SettlementKind.ACCEPT, seen.offset(), seen.offset(), nowMs));
        }
        Attachment own = attachment;
        if (own != null && manner.waits && (manner.acknowledgeEvery > 1 || chance.chance(0.1))) {
            awaitConfirmation(own);
        }
    }

    /** Goes on only when it is confirmed, as acknowledge() does. */
    private void awaitConfirmation(Attachment own) {
        List<Seen> awaited = List.copyOf(unconfirmed);
        waiting = true;
        process.input(nowMs -> process.engine()
                .awaitSettled(
                        List.of(own),
                        new Answer<>(
                                done -> {
                                    confirm(awaited);
                                    goOn();
                                },
                                cause -> goOn()),
                        nowMs));
    }

    private void goOn() {
        waiting = false;
        process.after(0, "goes on", this::takeNext);
    }

    private void confirm(List<Seen> settled) {
        for (Seen seen : settled) {
            process.history().onConfirmed(manner.subscription, seen.name);
        }
        unconfirmed.removeAll(settled);
    }

    /** Gives back what the application has seen: it comes again as redelivered. */
    private void giveBackSeen() {
        if (inHand != null) {
            unacknowledged.add(inHand);
            inHand = null;
        }
        unacknowledged.addAll(again);
        again.clear();
        for (Seen seen : unacknowledged) {
            process.input(nowMs ->
                    process.engine().settle(seen.source(), SettlementKind.FAIL, seen.offset(), seen.offset(), nowMs));
        }
        unacknowledged.clear();
    }

    /** Gives all that the application has back to itself: it comes again, before what comes next. */
    private void recover() {
        process.kernel().note(process.name(), "recovers", unacknowledged.size());
        again.addAll(unacknowledged);
        unacknowledged.clear();
    }
}
