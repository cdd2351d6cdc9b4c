package io.millrace.simulation.check;

import io.millrace.simulation.kernel.Kernel;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What applications did and saw in a run, judged as it happens. The judgements, each by its name in what is thrown:
 *
 * <ul>
 *   <li><b>invented</b>: what is delivered was sent, as it is, to that destination;
 *   <li><b>settled</b>: what was confirmed as settled is not delivered again, to anybody;
 *   <li><b>twice</b>: a client that lives gets nothing again that it has settled; others get it only when that client died or was away
 *       for longer than the broker waits for it;
 *   <li><b>unmarked</b>: what some application has seen comes again as redelivered only;
 *   <li><b>order</b>: an only consumer sees a producer's messages in the order in which they were sent; redelivered ones aside, but
 *       those that no application has seen, as long as the consumer is the subscription's first and was never away for too long;
 *   <li><b>lease</b>: nobody delivers from a partition after a leader of a later epoch has delivered;
 *   <li><b>doubled</b>: a message lies in the log once;
 *   <li><b>lost</b>: in the end, every confirmed durable message was processed by every subscription that it was sent to.
 * </ul>
 */
public final class History {
    private final Kernel kernel;
    private final long graceNs;
    private final Map<MessageName, Sent> sent = new TreeMap<>();
    private final Map<String, Subscription> subscriptions = new TreeMap<>();
    private final Map<String, List<ClientLife>> consumers = new TreeMap<>();
    private final Map<String, TreeMap<Integer, long[]>> deliveringTimes = new TreeMap<>();
    private boolean brokerCrashed;

    /**
     * @param graceNs for how long, at least, the broker keeps what an absent client holds
     */
    public History(Kernel kernel, long graceNs) {
        this.kernel = kernel;
        this.graceNs = graceNs;
    }

    // ---- producers

    /** An application sends. */
    public void onSend(MessageName name, String destination, boolean durable) {
        sent.put(name, new Sent(destination, durable, kernel.nowNs()));
    }

    /** The send was confirmed. */
    public void onSent(MessageName name) {
        Sent message = require(name);
        message.confirmedNs = kernel.nowNs();
    }

    /** The send failed: nobody knows what became of it. */
    public void onSendFailed(MessageName name) {
        require(name).failed = true;
    }

    /** How a message was sent, or null if none of that name was. */
    public @Nullable Sent sent(MessageName name) {
        return sent.get(name);
    }

    // ---- subscriptions

    /** A subscription gets messages of a destination that are sent from now on; what lasts must get all of them. */
    public void onSubscribed(String subscription, String destination, boolean lasts) {
        subscriptions.putIfAbsent(subscription, new Subscription(subscription, destination, lasts, kernel.nowNs()));
    }

    /** The broker ended, however: what was not durable may be lost, on its way too. */
    public void onBrokerCrash() {
        brokerCrashed = true;
    }

    /**
     * A message is handed to an application.
     *
     * @param inOrder whether the consumer is the subscription's only one, and has been, so that order holds
     */
    public MessageName onDelivered(
            String subscription, ClientLife client, ByteBuffer body, long offset, int count, boolean inOrder) {
        Subscription to = requireSubscription(subscription);
        MessageName name = MessageName.of(body);
        Sent message = name == null ? null : sent.get(name);
        if (name == null || message == null || !message.destination.equals(to.destination)) {
            throw violation("invented: " + client + " got " + name + " of " + subscription + " at offset " + offset);
        }
        Delivered state = to.delivered.computeIfAbsent(name, n -> new Delivered());
        if (state.confirmed) {
            throw violation("settled: " + client + " got " + name + " of " + subscription + " at offset " + offset
                    + " again, the settlement of which " + state.by + " knows confirmed");
        }
        ClientLife by = state.by;
        if (by != null && !state.forgotten && !excused(by, client, state.settledNs)) {
            throw violation("twice: " + client + " got " + name + " of " + subscription + " at offset " + offset
                    + " again, which " + by + " settled at " + state.settledNs + " ns");
        }
        if (state.seen && count < 2) {
            throw violation("unmarked: " + client + " got " + name + " of " + subscription + " at offset " + offset
                    + " as delivered for the first time, which an application has seen");
        }
        boolean isFirstSeen = !state.seen && isFirst(subscription, client);
        if (inOrder && (count == 1 || isFirstSeen)) {
            int last = to.lastNumbers.getOrDefault(name.producer(), 0);
            if (name.number() <= last) {
                throw violation("order: " + client + " got " + name + " of " + subscription + " at offset " + offset
                        + " after " + name.producer() + "#" + last);
            }
            to.lastNumbers.put(name.producer(), name.number());
        }
        state.seen = true;
        return name;
    }

    /**
     * A message came that a leader had sent.
     *
     * @param partition its name
     * @param sentNs when its bytes left the broker
     */
    public void onSentBy(String partition, int leaderEpoch, long sentNs) {
        TreeMap<Integer, long[]> epochs = deliveringTimes.computeIfAbsent(partition, name -> new TreeMap<>());
        long[] own = epochs.computeIfAbsent(leaderEpoch, epoch -> new long[] {sentNs, sentNs});
        own[0] = Math.min(own[0], sentNs);
        own[1] = Math.max(own[1], sentNs);
        for (Map.Entry<Integer, long[]> later :
                epochs.tailMap(leaderEpoch, false).entrySet()) {
            requireBefore(partition, leaderEpoch, own[1], later.getKey(), later.getValue()[0]);
        }
        for (Map.Entry<Integer, long[]> earlier :
                epochs.headMap(leaderEpoch, false).entrySet()) {
            requireBefore(partition, earlier.getKey(), earlier.getValue()[1], leaderEpoch, own[0]);
        }
    }

    private void requireBefore(String partition, int earlier, long lastNs, int later, long firstNs) {
        if (lastNs > firstNs) {
            throw violation(
                    "lease: the leader of epoch " + earlier + " of " + partition + " delivered at " + lastNs / 1000
                            + " us, and that of epoch " + later + " had delivered at " + firstNs / 1000 + " us");
        }
    }

    /** A client sets out to consume from a subscription. */
    public void onConsumer(String subscription, ClientLife client) {
        consumers.computeIfAbsent(subscription, name -> new ArrayList<>()).add(client);
    }

    /** Whether the subscription never had another consumer, and that one has kept what it holds all the time. */
    private boolean isFirst(String subscription, ClientLife client) {
        return consumers.getOrDefault(subscription, List.of()).size() == 1
                && !client.wasAway(graceNs, 0, kernel.nowNs());
    }

    /** An application has processed a message, and its client sets out to settle it. */
    public void onSettled(String subscription, ClientLife client, MessageName name) {
        Delivered state = requireDelivered(subscription, name);
        state.by = client;
        state.settledNs = kernel.nowNs();
        state.forgotten = false;
    }

    /** A client was told that its consumer is no more, and so does not know what became of a settlement. */
    public void onForgotten(String subscription, MessageName name) {
        requireDelivered(subscription, name).forgotten = true;
    }

    /** A client has learned that its settlement of a message is durable. */
    public void onConfirmed(String subscription, MessageName name) {
        requireDelivered(subscription, name).confirmed = true;
    }

    // ---- the end

    /** Whether everything was processed that must be. */
    public boolean isDrained() {
        return missing(1).isEmpty();
    }

    /** Throws if anything is missing. */
    public void requireDrained() {
        List<String> missing = missing(10);
        if (!missing.isEmpty()) {
            throw violation("lost: " + missing);
        }
    }

    /** A few of the messages that were not processed and must be, each with its subscription. */
    public List<String> missing(int atMost) {
        List<String> missing = new ArrayList<>();
        for (Subscription subscription : subscriptions.values()) {
            for (Map.Entry<MessageName, Sent> entry : sent.entrySet()) {
                if (missing.size() < atMost && isDue(subscription, entry.getValue())) {
                    Delivered state = subscription.delivered.get(entry.getKey());
                    if (state == null || state.by == null) {
                        missing.add(entry.getKey() + " of " + subscription.name);
                    }
                }
            }
        }
        return missing;
    }

    /** The durable messages to a destination that were confirmed to their producers. */
    List<MessageName> confirmed(String destination) {
        return sent.entrySet().stream()
                .filter(entry -> entry.getValue().destination.equals(destination)
                        && entry.getValue().durable
                        && entry.getValue().isConfirmed())
                .map(Map.Entry::getKey)
                .toList();
    }

    /** How many messages were sent. */
    public int sentCount() {
        return sent.size();
    }

    /** How many messages were processed, by all subscriptions. */
    public int processedCount() {
        int count = 0;
        for (Subscription subscription : subscriptions.values()) {
            for (Delivered state : subscription.delivered.values()) {
                count += state.by == null ? 0 : 1;
            }
        }
        return count;
    }

    private boolean isDue(Subscription subscription, Sent message) {
        return subscription.lasts
                && message.destination.equals(subscription.destination)
                && message.begunNs >= subscription.sinceNs
                && message.confirmedNs >= 0
                && (message.durable || !brokerCrashed);
    }

    private boolean excused(ClientLife settledBy, ClientLife now, long settledNs) {
        return settledBy != now && (settledBy.isDead() || settledBy.wasAway(graceNs, settledNs, kernel.nowNs()));
    }

    private Sent require(MessageName name) {
        Sent message = sent.get(name);
        if (message == null) {
            throw new IllegalStateException(name + " was not sent");
        }
        return message;
    }

    private Subscription requireSubscription(String name) {
        Subscription subscription = subscriptions.get(name);
        if (subscription == null) {
            throw new IllegalStateException("there is no subscription " + name);
        }
        return subscription;
    }

    private Delivered requireDelivered(String subscription, MessageName name) {
        Delivered state = requireSubscription(subscription).delivered.get(name);
        if (state == null) {
            throw new IllegalStateException(name + " was not delivered to " + subscription);
        }
        return state;
    }

    private ViolationError violation(String what) {
        return new ViolationError("at " + kernel.nowNs() / 1000 + " us: " + what);
    }

    /** A message as it was sent. */
    public static final class Sent {
        private final String destination;
        private final boolean durable;
        private final long begunNs;
        private long confirmedNs = -1;
        private boolean failed;

        private Sent(String destination, boolean durable, long begunNs) {
            this.destination = destination;
            this.durable = durable;
            this.begunNs = begunNs;
        }

        public String destination() {
            return destination;
        }

        public boolean isDurable() {
            return durable;
        }

        public boolean isConfirmed() {
            return confirmedNs >= 0;
        }

        public boolean isFailed() {
            return failed;
        }
    }

    private static final class Subscription {
        private final String name;
        private final String destination;
        private final boolean lasts;
        private final long sinceNs;
        private final Map<MessageName, Delivered> delivered = new TreeMap<>();
        private final Map<String, Integer> lastNumbers = new TreeMap<>();

        Subscription(String name, String destination, boolean lasts, long sinceNs) {
            this.name = name;
            this.destination = destination;
            this.lasts = lasts;
            this.sinceNs = sinceNs;
        }
    }

    private static final class Delivered {
        private boolean seen;
        private @Nullable ClientLife by;
        private long settledNs;
        private boolean confirmed;
        private boolean forgotten;
    }
}
