package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A broker with more partitions than the operating system lets it have files open. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "what a process has open is told by /proc")
final class OpenFilesIT {
    private static final int MOST = 512;
    private static final int PARTITIONS = 600;

    @TempDir
    Path directory;

    @Test
    void servesMorePartitionsThanItMayHaveFilesOpen() throws Exception {
        // Given
        Path data = directory.resolve("data");
        List<String> sent = new ArrayList<>();
        try (BrokerProcess broker = BrokerProcess.startWithFiles(MOST, data)) {
            CommandRun create =
                    CommandRun.of("queue", "create", "orders", "--partitions", "" + PARTITIONS, "--url", broker.url());
            assertThat(create.exitCode()).as(create.err()).isZero();
            sendToAll(broker, "before", sent);
            assertThat(openFiles(broker)).isLessThan(MOST * 3 / 4);
            // When
            broker.kill();
        }
        // Then
        try (BrokerProcess broker = BrokerProcess.startWithFiles(MOST, data)) {
            sendToAll(broker, "after", sent);
            assertThat(receive(broker, sent.size())).containsExactlyInAnyOrderElementsOf(sent);
            assertThat(openFiles(broker)).isLessThan(MOST * 3 / 4);
            broker.kill();
        }
        // And what was acknowledged does not come again
        try (BrokerProcess broker = BrokerProcess.startWithFiles(MOST, data)) {
            CommandRun receive = CommandRun.of("receive", "orders", "--timeout", "1s", "--url", broker.url());
            assertThat(receive.out()).isEmpty();
            assertThat(broker.terminate()).isZero();
        }
        BrokerProcess.startWithFiles(MOST, data).close();
    }

    private static void sendToAll(BrokerProcess broker, String what, List<String> sent) throws Exception {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.address(), "acks", "all", "batch.size", 1024),
                new StringSerializer(),
                new StringSerializer())) {
            List<Future<RecordMetadata>> answers = IntStream.range(0, PARTITIONS)
                    .mapToObj(partition ->
                            producer.send(new ProducerRecord<>("queue.orders", partition, null, what + partition)))
                    .toList();
            for (Future<RecordMetadata> answer : answers) {
                sent.add(what + answer.get().partition());
            }
        }
    }

    private static List<String> receive(BrokerProcess broker, int count) {
        CommandRun receive =
                CommandRun.of("receive", "orders", "--count", "" + count, "--timeout", "30s", "--url", broker.url());
        assertThat(receive.exitCode()).as(receive.err()).isZero();
        return receive.out().lines().toList();
    }

    private static long openFiles(BrokerProcess broker) throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + broker.pid() + "/fd"))) {
            return open.count();
        }
    }
}
