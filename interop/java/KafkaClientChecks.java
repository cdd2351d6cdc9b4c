import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.DescribeTopicsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * What a kafka-clients of any version does with the broker. Compiled once, against the oldest; run in a JVM for each.
 * Arguments: bootstrap servers, the client's name, and, unless there is no JMS, the topics of the queue that a JMS sender
 * filled and of the one that a JMS consumer will read.
 */
final class KafkaClientChecks {
    private static final List<String> CODECS = List.of("none", "gzip", "snappy", "lz4", "zstd");
    private static final List<String> ISOLATION_LEVELS = List.of("read_uncommitted", "read_committed");
    private static final String ASSIGNORS = "org.apache.kafka.clients.consumer.";
    private static final int PER_CODEC = 100;
    private static final int TO_JMS_PER_CODEC = 10;
    private static final long TIMEOUT_S = 30;

    private final String bootstrap;
    private final String client;
    private final Checks checks;
    private final String topic;

    private KafkaClientChecks(String bootstrap, String client) {
        this.bootstrap = bootstrap;
        this.client = client;
        this.checks = new Checks("kafka-clients " + client);
        this.topic = "interop-" + client;
    }

    public static void main(String[] arguments) {
        KafkaClientChecks run = new KafkaClientChecks(arguments[0], arguments[1]);
        run.checks.check("admin creates, lists and describes", run::create);
        for (String codec : CODECS) {
            run.checks.check("idempotent producer, " + codec, () -> run.produce(codec));
        }
        for (String isolation : ISOLATION_LEVELS) {
            run.checks.check("consumer assigned, " + isolation, () -> run.consume(isolation));
            run.checks.check("consumer seeks, " + isolation, () -> run.seek(isolation));
        }
        run.checks.check("consumer finds offsets by time", run::offsetsForTimes);
        run.checks.check("a plain producer, acks=1 and acks=0", run::producePlainly);
        run.checkGroups();
        if (arguments.length > 2) {
            for (String isolation : ISOLATION_LEVELS) {
                run.checks.check("reads what JMS sent, " + isolation, () -> run.readFromJms(arguments[2], isolation));
            }
            run.checks.check("produces for JMS", () -> run.produceForJms(arguments[3]));
        }
        run.checks.check("admin deletes", run::delete);
        System.exit(run.checks.exitCode());
    }

    private void create() throws Exception {
        try (AdminClient admin = newAdmin()) {
            NewTopic wanted = new NewTopic(topic, 2, (short) 1).configs(Map.of("retention.ms", "86400000"));
            admin.createTopics(List.of(wanted)).all().get(TIMEOUT_S, TimeUnit.SECONDS);
            Collection<String> names = admin.listTopics().names().get(TIMEOUT_S, TimeUnit.SECONDS);
            Checks.equal(true, names.contains(topic), "listed");
            TopicDescription description = describe(admin);
            Checks.equal(2, description.partitions().size(), "partitions");
            Checks.equal(1, description.partitions().get(0).replicas().size(), "replicas");
            ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
            Config config = admin.describeConfigs(List.of(resource))
                    .all()
                    .get(TIMEOUT_S, TimeUnit.SECONDS)
                    .get(resource);
            Checks.equal("86400000", config.get("retention.ms").value(), "retention.ms");
            Checks.equal(1, admin.describeCluster().nodes().get(TIMEOUT_S, TimeUnit.SECONDS).size(), "nodes");
        }
    }

    /** The method that all of 2.1 has was removed in 4.0; the one that took its place came with 3.1. */
    @SuppressWarnings("unchecked")
    private TopicDescription describe(AdminClient admin) throws Exception {
        DescribeTopicsResult result = admin.describeTopics(List.of(topic));
        Object future;
        try {
            future = DescribeTopicsResult.class.getMethod("allTopicNames").invoke(result);
        } catch (NoSuchMethodException e) {
            future = DescribeTopicsResult.class.getMethod("all").invoke(result);
        }
        return ((KafkaFuture<Map<String, TopicDescription>>) future).get(TIMEOUT_S, TimeUnit.SECONDS).get(topic);
    }

    private void produce(String codec) throws Exception {
        long base = CODECS.indexOf(codec) * (long) PER_CODEC;
        try (KafkaProducer<String, String> producer =
                newProducer(Map.of("acks", "all", "enable.idempotence", "true", "compression.type", codec, "linger.ms", "20"))) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (int i = 0; i < PER_CODEC; i++) {
                sent.add(producer.send(record(topic, codec, i)));
            }
            for (int i = 0; i < PER_CODEC; i++) {
                Checks.equal(base + i, sent.get(i).get(TIMEOUT_S, TimeUnit.SECONDS).offset(), "offset");
            }
        }
    }

    private void producePlainly() throws Exception {
        String name = topic;
        try (KafkaProducer<String, String> one = newProducer(Map.of("acks", "1", "enable.idempotence", "false"));
                KafkaProducer<String, String> none = newProducer(Map.of("acks", "0", "enable.idempotence", "false"))) {
            RecordMetadata first = one.send(new ProducerRecord<>(name, 1, null, "acks-1"))
                    .get(TIMEOUT_S, TimeUnit.SECONDS);
            Checks.equal(0L, first.offset(), "offset");
            none.send(new ProducerRecord<>(name, 1, null, "acks-0")).get(TIMEOUT_S, TimeUnit.SECONDS);
            none.flush();
        }
        try (KafkaConsumer<String, String> consumer = newConsumer("read_uncommitted")) {
            TopicPartition second = new TopicPartition(name, 1);
            consumer.assign(List.of(second));
            consumer.seekToBeginning(List.of(second));
            List<ConsumerRecord<String, String>> records = poll(consumer, 2);
            Checks.equal("acks-1", records.get(0).value(), "first value");
            Checks.equal("acks-0", records.get(1).value(), "second value");
        }
    }

    private void checkGroups() {
        checks.check("consumer group, range", () -> consumeInGroup("RangeAssignor"));
        try {
            Class.forName(ASSIGNORS + "CooperativeStickyAssignor");
            checks.check("consumer group, cooperative", () -> consumeInGroup("CooperativeStickyAssignor"));
        } catch (ClassNotFoundException e) {
            checks.skip("consumer group, cooperative", "this version has no cooperative assignor");
        }
        checks.check("admin sees and deletes groups", this::administrateGroups);
    }

    private String group(String assignor) {
        return topic + "-" + assignor;
    }

    /** Two members share the partitions, and one that comes later goes on where they have committed. */
    private void consumeInGroup(String assignor) {
        Set<String> places = new HashSet<>();
        try (KafkaConsumer<String, String> one = newMember(assignor);
                KafkaConsumer<String, String> other = newMember(assignor)) {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_S);
            while (!hasOneToItsEnd(one) || !hasOneToItsEnd(other)) {
                for (KafkaConsumer<String, String> member : List.of(one, other)) {
                    member.poll(Duration.ofMillis(100))
                            .forEach(record -> places.add(record.partition() + "/" + record.offset()));
                }
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("they have " + one.assignment() + " and " + other.assignment() + ", and "
                            + places.size() + " records");
                }
            }
            Checks.equal(CODECS.size() * PER_CODEC + 2, places.size(), "records");
            Checks.equal(false, one.assignment().equals(other.assignment()), "the same partition for both");
            one.commitSync();
            other.commitSync();
        }
        try (KafkaConsumer<String, String> next = newMember(assignor)) {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_S);
            while (next.assignment().size() != 2 && System.nanoTime() < deadline) {
                Checks.equal(0, next.poll(Duration.ofMillis(100)).count(), "records after the commit");
            }
            for (int partition = 0; partition < 2; partition++) {
                Checks.equal(
                        endOf(partition), next.position(new TopicPartition(topic, partition)), "position after the commit");
            }
        }
    }

    private static boolean hasOneToItsEnd(KafkaConsumer<String, String> member) {
        Set<TopicPartition> assigned = member.assignment();
        if (assigned.size() != 1) {
            return false;
        }
        TopicPartition only = assigned.iterator().next();
        return member.position(only) == endOf(only.partition());
    }

    private static long endOf(int partition) {
        return partition == 0 ? (long) CODECS.size() * PER_CODEC : 2;
    }

    private void administrateGroups() throws Exception {
        String group = group("RangeAssignor");
        TopicPartition first = new TopicPartition(topic, 0);
        try (AdminClient admin = newAdmin()) {
            boolean listed = admin.listConsumerGroups().all().get(TIMEOUT_S, TimeUnit.SECONDS).stream()
                    .anyMatch(one -> one.groupId().equals(group));
            Checks.equal(true, listed, "listed");
            Checks.equal(
                    0,
                    admin.describeConsumerGroups(List.of(group))
                            .all()
                            .get(TIMEOUT_S, TimeUnit.SECONDS)
                            .get(group)
                            .members()
                            .size(),
                    "members");
            Checks.equal(
                    (long) CODECS.size() * PER_CODEC,
                    admin.listConsumerGroupOffsets(group)
                            .partitionsToOffsetAndMetadata()
                            .get(TIMEOUT_S, TimeUnit.SECONDS)
                            .get(first)
                            .offset(),
                    "committed");
            admin.deleteConsumerGroups(List.of(group)).all().get(TIMEOUT_S, TimeUnit.SECONDS);
            listed = admin.listConsumerGroups().all().get(TIMEOUT_S, TimeUnit.SECONDS).stream()
                    .anyMatch(one -> one.groupId().equals(group));
            Checks.equal(false, listed, "listed after it was deleted");
        }
    }

    private KafkaConsumer<String, String> newMember(String assignor) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("group.id", group(assignor));
        properties.put("partition.assignment.strategy", ASSIGNORS + assignor);
        properties.put("enable.auto.commit", "false");
        properties.put("auto.offset.reset", "earliest");
        properties.put("heartbeat.interval.ms", "200");
        KafkaConsumer<String, String> member =
                new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer());
        member.subscribe(List.of(topic));
        return member;
    }

    private void consume(String isolation) throws Exception {
        int count = CODECS.size() * PER_CODEC;
        TopicPartition first = new TopicPartition(topic, 0);
        try (KafkaConsumer<String, String> consumer = newConsumer(isolation)) {
            consumer.assign(List.of(first));
            consumer.seekToBeginning(List.of(first));
            List<ConsumerRecord<String, String>> records = poll(consumer, count);
            for (int i = 0; i < count; i++) {
                checkRecord(records.get(i), i);
            }
            Checks.equal(0L, consumer.beginningOffsets(List.of(first)).get(first), "beginning offset");
            Checks.equal((long) count, consumer.endOffsets(List.of(first)).get(first), "end offset");
            Checks.equal((long) count, consumer.position(first), "position");
            Checks.equal(true, consumer.poll(Duration.ofMillis(300)).isEmpty(), "nothing more");
        }
    }

    private void seek(String isolation) throws Exception {
        TopicPartition first = new TopicPartition(topic, 0);
        int count = CODECS.size() * PER_CODEC;
        try (KafkaConsumer<String, String> consumer = newConsumer(isolation)) {
            consumer.assign(List.of(first));
            for (int offset : List.of(count - 1, PER_CODEC + 37, 1)) { // also into the middle of a batch
                consumer.seek(first, offset);
                checkRecord(poll(consumer, 1).get(0), offset);
            }
            consumer.seekToEnd(List.of(first));
            Checks.equal((long) count, consumer.position(first), "position at the end");
        }
    }

    private void offsetsForTimes() {
        TopicPartition first = new TopicPartition(topic, 0);
        try (KafkaConsumer<String, String> consumer = newConsumer("read_uncommitted")) {
            consumer.assign(List.of(first));
            OffsetAndTimestamp earliest = consumer.offsetsForTimes(Map.of(first, 1L)).get(first);
            Checks.equal(0L, earliest.offset(), "offset of the first record after 1970");
            Map<TopicPartition, OffsetAndTimestamp> future =
                    consumer.offsetsForTimes(Map.of(first, System.currentTimeMillis() + 3_600_000));
            Checks.equal(null, future.get(first), "offset of an hour from now");
        }
    }

    /** A JMS sender's messages: the text or the bytes are the value, the group is the key, a property is a header. */
    private void readFromJms(String from, String isolation) throws Exception {
        TopicPartition first = new TopicPartition(from, 0);
        try (KafkaConsumer<String, String> consumer = newConsumer(isolation)) {
            consumer.assign(List.of(first));
            consumer.seekToBeginning(List.of(first));
            List<ConsumerRecord<String, String>> records = poll(consumer, 20);
            for (int i = 0; i < records.size(); i++) {
                ConsumerRecord<String, String> record = records.get(i);
                Checks.equal("message-" + i, record.value(), "value at " + i);
                Checks.equal("group-" + i % 3, record.key(), "key at " + i);
                Checks.equal(Integer.toString(i), header(record, "number"), "header at " + i);
            }
            Checks.equal(20, records.size(), "records");
            Checks.equal(true, consumer.poll(Duration.ofMillis(300)).isEmpty(), "nothing more");
        }
    }

    private void produceForJms(String to) throws Exception {
        for (String codec : CODECS) {
            try (KafkaProducer<String, String> producer =
                    newProducer(Map.of("acks", "all", "enable.idempotence", "true", "compression.type", codec, "linger.ms", "20"))) {
                List<Future<RecordMetadata>> sent = new ArrayList<>();
                for (int i = 0; i < TO_JMS_PER_CODEC; i++) {
                    sent.add(producer.send(record(to, codec, i)));
                }
                for (Future<RecordMetadata> one : sent) {
                    one.get(TIMEOUT_S, TimeUnit.SECONDS);
                }
            }
        }
    }

    private void delete() throws Exception {
        try (AdminClient admin = newAdmin()) {
            admin.deleteTopics(List.of(topic)).all().get(TIMEOUT_S, TimeUnit.SECONDS);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_S);
            while (admin.listTopics().names().get(TIMEOUT_S, TimeUnit.SECONDS).contains(topic)) {
                Checks.equal(true, System.nanoTime() < deadline, "gone from the list in time");
            }
        }
    }

    private static ProducerRecord<String, String> record(String topic, String codec, int number) {
        ProducerRecord<String, String> record =
                new ProducerRecord<>(topic, 0, "key-" + number, value(codec, number));
        record.headers().add("codec", codec.getBytes(StandardCharsets.UTF_8));
        return record;
    }

    /** Long enough that a batch is worth compressing. */
    private static String value(String codec, int number) {
        return codec + "-" + number + "-" + String.join("", Collections.nCopies(20, "abcdefgh"));
    }

    private static void checkRecord(ConsumerRecord<String, String> record, int offset) {
        String codec = CODECS.get(offset / PER_CODEC);
        Checks.equal((long) offset, record.offset(), "offset");
        Checks.equal("key-" + offset % PER_CODEC, record.key(), "key at " + offset);
        Checks.equal(value(codec, offset % PER_CODEC), record.value(), "value at " + offset);
        Checks.equal(codec, header(record, "codec"), "header at " + offset);
    }

    private static String header(ConsumerRecord<String, String> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }

    private static List<ConsumerRecord<String, String>> poll(KafkaConsumer<String, String> consumer, int atLeast) {
        List<ConsumerRecord<String, String>> records = new ArrayList<>();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_S);
        while (records.size() < atLeast && System.nanoTime() < deadline) {
            consumer.poll(Duration.ofMillis(200)).forEach(records::add);
        }
        if (records.size() < atLeast) {
            throw new AssertionError("expected " + atLeast + " records, got " + records.size());
        }
        return records;
    }

    private AdminClient newAdmin() {
        return AdminClient.create(Collections.singletonMap("bootstrap.servers", bootstrap));
    }

    private KafkaProducer<String, String> newProducer(Map<String, Object> settings) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("client.id", "interop-" + client);
        properties.putAll(settings);
        return new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer());
    }

    private KafkaConsumer<String, String> newConsumer(String isolation) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("isolation.level", isolation);
        properties.put("enable.auto.commit", "false");
        properties.put("auto.offset.reset", "none");
        return new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer());
    }
}
