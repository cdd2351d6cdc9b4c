package io.millrace.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.serialization.StringDeserializer;

/** A Kafka consumer in a group, polling on a thread of its own; it commits after every poll that brought something. */
final class GroupMember implements AutoCloseable, ConsumerRebalanceListener {
    private static final long TIMEOUT_MS = 60_000;

    private final KafkaConsumer<String, String> consumer;
    private final Thread thread;
    private volatile boolean closing;

    private final Set<Integer> assigned = new TreeSet<>();
    private final List<Set<Integer>> revocations = new ArrayList<>();
    private final List<String> received = new ArrayList<>();
    private final Map<Integer, Long> committed = new HashMap<>();
    private int assignments;
    private Throwable failure;

    GroupMember(String servers, String topic, Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(Map.of(
                "bootstrap.servers", servers,
                "auto.offset.reset", "earliest",
                "enable.auto.commit", "false",
                "max.poll.records", "7",
                "heartbeat.interval.ms", "200",
                "reconnect.backoff.max.ms", "200"));
        all.putAll(settings);
        this.consumer = new KafkaConsumer<>(all, new StringDeserializer(), new StringDeserializer());
        consumer.subscribe(List.of(topic), this);
        this.thread = new Thread(this::run, "member");
        thread.start();
    }

    private void run() {
        try {
            while (!closing) {
                ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(100));
                take(records);
                if (!records.isEmpty()) {
                    commit();
                }
            }
        } catch (RuntimeException e) {
            fail(e);
        } finally {
            consumer.close();
        }
    }

    /** What is not committed since the group rebalances is delivered again to whoever gets the partition. */
    private void commit() {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (TopicPartition partition : consumer.assignment()) {
            offsets.put(partition, new OffsetAndMetadata(consumer.position(partition)));
        }
        try {
            consumer.commitSync(offsets);
            onCommitted(offsets);
        } catch (RebalanceInProgressException | CommitFailedException e) {
            onNotCommitted();
        }
    }

    private synchronized void take(ConsumerRecords<String, String> records) {
        for (ConsumerRecord<String, String> one : records) {
            received.add(one.value());
        }
        notifyAll();
    }

    private synchronized void onCommitted(Map<TopicPartition, OffsetAndMetadata> offsets) {
        offsets.forEach((partition, offset) -> committed.put(partition.partition(), offset.offset()));
    }

    private synchronized void onNotCommitted() {
        notifyAll();
    }

    private synchronized void fail(Throwable e) {
        failure = e;
        notifyAll();
    }

    @Override
    public synchronized void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        assignments++;
        partitions.forEach(partition -> assigned.add(partition.partition()));
        notifyAll();
    }

    @Override
    public synchronized void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        Set<Integer> revoked = new TreeSet<>();
        partitions.forEach(partition -> revoked.add(partition.partition()));
        revocations.add(revoked);
        assigned.removeAll(revoked);
        notifyAll();
    }

    // ---- what a test asks

    /** Waits until it has so many partitions; which. */
    Set<Integer> awaitAssigned(int count) {
        await(member -> member.assigned.size() == count, count + " partitions");
        synchronized (this) {
            return Set.copyOf(assigned);
        }
    }

    void awaitReceived(int count) {
        await(member -> member.received.size() >= count, count + " messages");
    }

    synchronized List<String> received() {
        return List.copyOf(received);
    }

    /** What it was taken, rebalance by rebalance. */
    synchronized List<Set<Integer>> revocations() {
        return List.copyOf(revocations);
    }

    /** How often it was told of its partitions. */
    synchronized int assignments() {
        return assignments;
    }

    /** The offsets whose commit was confirmed. */
    synchronized Map<Integer, Long> committed() {
        return Map.copyOf(committed);
    }

    private synchronized void await(Predicate<GroupMember> condition, String what) {
        long untilNs = System.nanoTime() + TIMEOUT_MS * 1_000_000;
        try {
            while (!condition.test(this)) {
                long leftMs = (untilNs - System.nanoTime()) / 1_000_000;
                if (failure != null || leftMs <= 0) {
                    throw new AssertionError(
                            "no " + what + "; it has " + assigned + " and received " + received.size(), failure);
                }
                wait(leftMs);
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        closing = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
