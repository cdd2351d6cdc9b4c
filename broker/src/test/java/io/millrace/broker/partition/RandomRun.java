package io.millrace.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.delivery.DeliveryBatchCodec;
import io.millrace.broker.delivery.DeliveryState;
import io.millrace.broker.delivery.DeliveryStateCodec;
import io.millrace.broker.delivery.OffsetRange;
import io.millrace.broker.delivery.Settlement;
import io.millrace.broker.delivery.SubscriptionKey;
import io.millrace.broker.log.Log;
import io.millrace.broker.log.LogSlice;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.SettlementKind;
import io.millrace.protocol.SubscriptionKind;
import io.millrace.protocol.record.RecordBatch;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * One random life of a partition and its clients, by a seed, beside a naive model: what the clients know of each offset. Whatever
 * happens (kills, lost power, lost connections, unflushed turns), it holds that
 *
 * <ul>
 *   <li>nothing that was settled for good, and confirmed, is delivered again;
 *   <li>no two connected clients hold the same message;
 *   <li>a message that an application may have seen is marked as redelivered; without a crash the count is exact;
 *   <li>without a crash, messages that were never delivered come in the order of the log;
 *   <li>a client that comes back in time loses nothing that it holds;
 *   <li>in the end every message confirmed to its sender and not settled is delivered;
 *   <li>the fold made from the logs alone is the fold that the partition has, byte for byte;
 *   <li>the logs of all in-sync replicas are equal, byte for byte.
 * </ul>
 */
final class RandomRun {
    private static final int STEPS = 150;
    private static final int MAX_CONSUMERS = 4;

    private final Random random;
    private final boolean crashes;
    private final PartitionFixture broker;
    private final List<SubscriptionKey> keys;
    private final Map<SubscriptionKey, Model> models = new HashMap<>();
    private final List<TestConsumer> consumers = new ArrayList<>();
    /** Whose application will not come back, with what it held. */
    private final List<TestConsumer> dead = new ArrayList<>();

    private final Map<Client, Long> lostAtMs = new HashMap<>();
    private final Map<TestConsumer, List<Settling>> settling = new HashMap<>();
    private final TreeMap<Long, String> confirmedSends = new TreeMap<>();
    private final List<Sent> sends = new ArrayList<>();
    private final List<String> trace = new ArrayList<>();
    private final Set<Long> gone = new HashSet<>();
    private int sent;

    private record Sent(Answer<AppendResult> answer, List<String> texts) {}

    private record Settling(Answer<Void> answer, Settlement settlement, List<Long> offsets) {
        /** What is sent again names what the consumer held and nothing between. */
        Stream<Settlement> exactly() {
            return offsets.stream().map(o -> new Settlement(settlement.consumerId(), settlement.kind(), o, o));
        }

        boolean isFinal() {
            return settlement.kind() == SettlementKind.ACCEPT || settlement.kind() == SettlementKind.REJECT;
        }

        @Override
        public String toString() {
            return settlement.kind() + " " + offsets;
        }
    }

    /** What clients know of one subscription. */
    private static final class Model {
        final Set<Long> settled = new TreeSet<>();
        final Set<Long> decided = new TreeSet<>();
        final Set<Long> delivered = new HashSet<>();
        /** Delivered, and not released since: an application may have seen it. */
        final Set<Long> seen = new HashSet<>();

        final Map<Long, Integer> failures = new HashMap<>();
        final Map<Long, Integer> confirmedFailures = new HashMap<>();
        final Set<String> deaths = new HashSet<>();
        long nextNew;
        boolean crashed;
    }

    private RandomRun(long seed, boolean queue, boolean crashes, int brokers) {
        this.random = new Random(seed);
        this.crashes = crashes;
        this.broker = PartitionFixture.of(queue ? PartitionConfig.ofQueue() : PartitionConfig.ofTopic(), brokers);
        if (brokers > 1) {
            broker.disturb(random);
        }
        this.keys = queue
                ? List.of(SubscriptionKey.QUEUE)
                : List.of(SubscriptionKey.durable("c", "one"), SubscriptionKey.durable("c", "two"));
        broker.observer = this::check;
        broker.lossObserver = this::noteDeath;
        for (SubscriptionKey key : keys) {
            models.put(key, new Model());
            if (!queue) {
                broker.open(key, 1);
                broker.settleDown();
            }
        }
    }

    static void ofQueue(long seed) {
        new RandomRun(seed, true, true, 1).run();
    }

    static void ofQueueWithoutCrashes(long seed) {
        new RandomRun(seed, true, false, 1).run();
    }

    static void ofDurableSubscriptions(long seed) {
        new RandomRun(seed, false, true, 1).run();
    }

    static void ofReplicatedQueue(long seed) {
        new RandomRun(seed, true, true, 3).run();
    }

    static void ofReplicatedSubscriptions(long seed) {
        new RandomRun(seed, false, true, 3).run();
    }

    private void run() {
        try {
            for (int i = 0; i < STEPS; i++) {
                step();
                noteAnswers();
                assertThat(broker.stopped).isNull();
            }
            finish();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(String.join("\n", trace) + "\n" + broker.dump(), e);
        }
    }

    private void step() {
        int dice = random.nextInt(100);
        if (dice < 25) {
            send();
        } else if (dice < 35) {
            say("turn");
            broker.turn();
        } else if (dice < 50) {
            say("flush");
            broker.flush();
        } else if (dice < 75) {
            settle();
        } else if (dice < 82) {
            attach();
        } else if (dice < 86) {
            credit();
        } else if (dice < 88) {
            detach();
        } else if (dice < 91) {
            loseConnection();
        } else if (dice < 94) {
            comeBack();
        } else if (dice < 97) {
            long ms = random.nextInt(1500);
            say("advance " + ms);
            broker.advance(ms);
        } else if (crashes) {
            crash();
        }
    }

    // ---- what happens

    private void send() {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i <= random.nextInt(3); i++) {
            texts.add("m" + sent++);
        }
        boolean durable = random.nextInt(4) > 0;
        String[] array = texts.toArray(String[]::new);
        Messages messages = random.nextInt(5) == 0 ? Messages.ofKafka(array) : Messages.of(array);
        say("send " + texts + (durable ? "" : " non-persistent"));
        Answer<AppendResult> answer = broker.append(messages, durable);
        if (durable) {
            sends.add(new Sent(answer, texts));
        }
    }

    private void settle() {
        TestConsumer consumer = pick();
        if (consumer == null || consumer.held.isEmpty()) {
            return;
        }
        List<Long> held = new ArrayList<>(consumer.held.keySet());
        long first = held.get(random.nextInt(held.size()));
        long last = first + random.nextInt(4);
        SettlementKind kind = SettlementKind.of((byte) new int[] {0, 0, 0, 1, 2, 3}[random.nextInt(6)]);
        List<Long> offsets =
                new ArrayList<>(consumer.held.subMap(first, true, last, true).keySet());
        Model model = models.get(consumer.key);
        for (long offset : offsets) {
            switch (kind) {
                case ACCEPT, REJECT -> model.decided.add(offset);
                case FAIL -> model.failures.merge(offset, 1, Integer::sum);
                case RELEASE -> model.seen.remove(offset);
            }
        }
        say(name(consumer) + " settles " + kind + " " + offsets);
        Answer<Void> answer = consumer.settle(kind, first, last);
        settling.computeIfAbsent(consumer, c -> new ArrayList<>())
                .add(new Settling(answer, consumer.settlement(kind, first, last), offsets));
    }

    private void attach() {
        SubscriptionKey key = keys.get(random.nextInt(keys.size()));
        if (key.kind() == SubscriptionKind.DURABLE) {
            for (TestConsumer other : List.copyOf(consumers)) {
                if (other.key.equals(key)) {
                    if (!isLost(other)) {
                        return;
                    }
                    bury(other); // the application was started again elsewhere
                }
            }
        }
        if (consumers.size() >= MAX_CONSUMERS) {
            return;
        }
        Client client = consumers.isEmpty() || random.nextBoolean() ? broker.connect() : consumers.get(0).client;
        if (lostAtMs.containsKey(client)) {
            client = broker.connect();
        }
        TestConsumer consumer = new TestConsumer(client, client.consumers.size() + 1, key);
        client.consumers.put(consumer.id, consumer);
        consumers.add(consumer);
        say(name(consumer) + " attaches");
        consumer.attach(random.nextInt(12));
    }

    private void credit() {
        TestConsumer consumer = pick();
        if (consumer != null) {
            consumer.limit += random.nextInt(10);
            boolean drain = random.nextBoolean();
            say(name(consumer) + " has credit " + consumer.limit);
            broker.partition()
                    .onCredit(
                            consumer.client.connectionId,
                            consumer.id,
                            consumer.limit,
                            Long.MAX_VALUE,
                            drain,
                            broker.nowMs);
        }
    }

    private void detach() {
        TestConsumer consumer = pick();
        if (consumer != null) {
            say(name(consumer) + " detaches with " + consumer.held.keySet());
            models.get(consumer.key).seen.removeAll(consumer.held.keySet());
            consumers.remove(consumer);
            consumer.detach();
        }
    }

    private void loseConnection() {
        TestConsumer consumer = pick();
        if (consumer != null) {
            say("the connection of " + name(consumer) + " is lost");
            lostAtMs.put(consumer.client, broker.nowMs);
            consumer.client.lose();
        }
    }

    private void comeBack() {
        for (TestConsumer consumer : List.copyOf(consumers)) {
            if (isLost(consumer)) {
                comeBack(consumer);
            }
        }
        lostAtMs.keySet().removeIf(client -> consumers.stream().anyMatch(consumer -> consumer.client == client));
    }

    private void comeBack(TestConsumer consumer) {
        // Each claim is one offset, so that what is lost is said one by one.
        boolean inTime = broker.nowMs - lostAtMs.get(consumer.client) < broker.config.reattachGraceMs();
        List<Settling> unconfirmed = new ArrayList<>(settling.getOrDefault(consumer, List.of()));
        unconfirmed.removeIf(s -> s.answer().isSuccess());
        settling.remove(consumer);
        TreeMap<Long, TestConsumer.Delivery> before = new TreeMap<>(consumer.held);
        say(name(consumer) + " comes back with " + before.keySet() + " and " + unconfirmed);
        List<OffsetRange> claims =
                before.keySet().stream().map(o -> new OffsetRange(o, o)).toList();
        var answer = consumer.attach(
                random.nextInt(12),
                true,
                claims,
                unconfirmed.stream().flatMap(Settling::exactly).toList());
        broker.settleDown();
        if (answer.isAnswered() && answer.error() == ErrorCode.SUBSCRIPTION_IN_USE) {
            bury(consumer);
            return;
        }
        List<OffsetRange> lost = answer.value().lost();
        say("and lost " + lost);
        consumer.held.values().forEach(delivery -> forgetDeath(consumer, delivery));
        if (inTime) {
            assertThat(lost)
                    .as("lost by a client that came in time")
                    .allMatch(range -> isDisputed(consumer, range.firstOffset()));
            unconfirmed.stream().filter(Settling::isFinal).forEach(s -> {
                s.offsets().removeIf(offset -> isDisputed(consumer, offset));
                noteConfirmed(models.get(consumer.key), s);
            });
        }
    }

    /**
     * Whether a new leader may give the offset to somebody else: the message was lost, or another client believes to hold it because it
     * has not heard yet that its own time was over.
     */
    private boolean isDisputed(TestConsumer consumer, long offset) {
        return gone.contains(offset)
                || consumers.stream()
                        .anyMatch(other ->
                                other != consumer && other.key.equals(consumer.key) && other.everHeld.contains(offset));
    }

    private void crash() {
        int dice = random.nextInt(3);
        say(List.of("kill", "power is lost", "restart").get(dice));
        consumers.forEach(consumer -> lostAtMs.putIfAbsent(consumer.client, broker.nowMs));
        models.values().forEach(model -> model.crashed = true);
        switch (dice) {
            case 0 -> broker.kill();
            case 1 -> broker.losePower(random);
            default -> broker.restart();
        }
        forgetWhatIsGone();
        noteAnswers();
        checkFold();
    }

    /** Non-persistent messages may be lost in a crash, and what comes then may have their offsets. */
    private void forgetWhatIsGone() {
        Set<Long> there = new HashSet<>();
        forEachBatch(broker.messages(), batch -> {
            for (long offset = batch.baseOffset(); batch.count() > 0 && offset < batch.nextOffset(); offset++) {
                there.add(offset);
            }
        });
        assertThat(there).as("confirmed to the sender").containsAll(confirmedSends.keySet());
        for (Model model : models.values()) {
            Set<Long> lost = new HashSet<>(model.delivered);
            lost.removeAll(there);
            gone.addAll(lost);
            settling.values().forEach(list -> list.forEach(s -> s.offsets().removeAll(lost)));
            model.settled.removeAll(lost);
            model.decided.removeAll(lost);
            model.delivered.removeAll(lost);
            model.seen.removeAll(lost);
            model.failures.keySet().removeAll(lost);
            model.confirmedFailures.keySet().removeAll(lost);
        }
    }

    private void bury(TestConsumer consumer) {
        say(name(consumer) + " is gone for good");
        consumers.remove(consumer);
        dead.add(consumer);
    }

    private boolean isLost(TestConsumer consumer) {
        return lostAtMs.containsKey(consumer.client);
    }

    private TestConsumer pick() {
        List<TestConsumer> present = consumers.stream().filter(c -> !isLost(c)).toList();
        return present.isEmpty() ? null : present.get(random.nextInt(present.size()));
    }

    // ---- what clients learn

    private void noteAnswers() {
        settling.forEach((consumer, list) -> list.removeIf(s -> {
            if (s.answer().isSuccess()) {
                noteConfirmed(models.get(consumer.key), s);
            }
            return s.answer().isSuccess();
        }));
        sends.removeIf(send -> {
            if (send.answer().isSuccess()) {
                long offset = send.answer().value().baseOffset();
                for (String text : send.texts()) {
                    assertThat(confirmedSends.put(offset++, text))
                            .as("offset used twice")
                            .isNull();
                }
            }
            return send.answer().isAnswered();
        });
    }

    private static void noteConfirmed(Model model, Settling settled) {
        for (long offset : settled.offsets()) {
            switch (settled.settlement().kind()) {
                case ACCEPT, REJECT -> model.settled.add(offset);
                case FAIL -> model.confirmedFailures.merge(offset, 1, Integer::sum);
                case RELEASE -> {}
            }
        }
    }

    private void check(TestConsumer consumer, TestConsumer.Delivery delivery) {
        say(name(consumer) + " gets " + delivery);
        noteAnswers();
        Model model = models.get(consumer.key);
        long offset = delivery.offset();
        assertThat(model.settled).as("settled and confirmed").doesNotContain(offset);
        for (TestConsumer other : consumers) {
            if (other != consumer && other.key.equals(consumer.key) && !isLost(other)) {
                assertThat(other.held.keySet()).as("held by another").doesNotContain(offset);
            }
        }
        checkCount(consumer, delivery, model);
        String confirmed = confirmedSends.get(offset);
        if (confirmed != null) {
            assertThat(delivery.text()).isEqualTo(confirmed);
        }
        if (model.delivered.add(offset) && !model.crashed) {
            assertThat(offset).as("new messages in order").isGreaterThanOrEqualTo(model.nextNew);
            model.nextNew = offset + 1;
        }
        model.seen.add(offset);
    }

    private void checkCount(TestConsumer consumer, TestConsumer.Delivery delivery, Model model) {
        long offset = delivery.offset();
        if (model.seen.contains(offset)) {
            assertThat(delivery.count()).as("redelivered").isGreaterThan(1);
        }
        assertThat(delivery.count())
                .as("above the failures confirmed")
                .isGreaterThan(model.confirmedFailures.getOrDefault(offset, 0));
        for (List<TestConsumer> others : List.of(consumers, dead)) {
            for (TestConsumer other : others) {
                if (other.key.equals(consumer.key) && other.held.containsKey(offset)) {
                    noteDeath(other, other.held.get(offset));
                }
            }
        }
        if (!model.crashed) {
            assertThat(delivery.count()).isEqualTo(1 + model.failures.getOrDefault(offset, 0));
        }
    }

    /** What a consumer held was given to others, or will be: that delivery counts as failed. */
    private void noteDeath(TestConsumer consumer, TestConsumer.Delivery delivery) {
        Model model = models.get(consumer.key);
        if (model.deaths.add(name(consumer) + delivery)) {
            model.failures.merge(delivery.offset(), 1, Integer::sum);
        }
    }

    /** It came back after all, and nobody had what it held: that is still the same delivery. */
    private void forgetDeath(TestConsumer consumer, TestConsumer.Delivery delivery) {
        Model model = models.get(consumer.key);
        if (model.deaths.remove(name(consumer) + delivery)) {
            model.failures.merge(delivery.offset(), -1, Integer::sum);
        }
    }

    // ---- the end

    private void finish() {
        say("finish");
        broker.settleDown();
        for (TestConsumer consumer : List.copyOf(consumers)) {
            if (!isLost(consumer)) {
                lostAtMs.put(consumer.client, broker.nowMs);
                consumer.client.lose();
            }
            bury(consumer);
        }
        broker.advance(10_000);
        noteAnswers();
        checkFold();
        keys.forEach(this::drain);
        checkFold();
        broker.kill();
        checkFold();
        for (SubscriptionKey key : keys) {
            assertThat(broker.describe(key).waiting()).isZero();
        }
    }

    private void drain(SubscriptionKey key) {
        Model model = models.get(key);
        TestConsumer last = broker.connect().consume(key, Long.MAX_VALUE);
        broker.advance(10_000);
        List<Long> offsets =
                last.received.stream().map(TestConsumer.Delivery::offset).toList();
        assertThat(offsets).doesNotHaveDuplicates().isSorted();
        Set<Long> missing = new TreeSet<>(confirmedSends.keySet());
        missing.removeAll(model.decided);
        missing.removeAll(offsets);
        assertThat(missing)
                .as("confirmed to the sender, not settled, not delivered")
                .isEmpty();
        last.acceptAll();
        broker.settleDown();
        assertThat(broker.describe(key).floor()).isEqualTo(broker.partition().highWatermark());
    }

    private void checkFold() {
        broker.settleDown();
        assertThat(broker.differences()).as("between replicas in sync").isEmpty();
        DeliveryState fold = DeliveryState.empty(broker.config.queue());
        forEachBatch(broker.deliveries(), batch -> fold.apply(DeliveryBatchCodec.decode(batch)));
        fold.applyMessages(broker.messages().logEndOffset());
        assertThat(DeliveryStateCodec.encode(broker.partition().state()))
                .as("the fold made of the logs alone")
                .isEqualTo(DeliveryStateCodec.encode(fold));
    }

    static void forEachBatch(Log log, Consumer<RecordBatch> each) {
        long offset = log.logStartOffset();
        for (LogSlice slice = log.read(offset, 1 << 20, Long.MAX_VALUE);
                slice != null;
                slice = log.read(offset, 1 << 20, Long.MAX_VALUE)) {
            ByteBuffer bytes = slice.copy();
            for (int at = 0; RecordBatch.isComplete(bytes, at, bytes.limit()); ) {
                RecordBatch batch = new RecordBatch(bytes, at);
                each.accept(batch);
                at = batch.end();
            }
            offset = slice.nextOffset();
            slice.release();
        }
    }

    private String name(TestConsumer consumer) {
        return consumer.client.connectionId.getLeastSignificantBits() + "/" + consumer.id;
    }

    private void say(String line) {
        trace.add(broker.nowMs + " " + line);
    }
}
