package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client commands against a broker in a process of its own, each test with destinations of its own. */
final class CommandIT {
    @TempDir
    private static Path directory;

    private static BrokerProcess broker;

    @BeforeAll
    static void start() throws IOException {
        broker = BrokerProcess.start(directory.resolve("data"), 0);
    }

    @AfterAll
    static void stop() throws InterruptedException {
        assertThat(broker.terminate()).isZero();
    }

    @Test
    void receivesWhatWasSent() {
        CommandRun send = run("send", "orders", "eins", "zwölf");
        CommandRun receive = run("receive", "orders", "--timeout", "1s");

        assertThat(send.exitCode()).as(send.err()).isZero();
        assertThat(send.err()).contains("sent 2 messages to queue:orders");
        assertThat(receive.exitCode()).as(receive.err()).isZero();
        assertThat(receive.out().lines()).containsExactly("eins", "zwölf");
        assertThat(receive.err()).contains("received 2 messages from queue:orders");
    }

    @Test
    void endsAtTheCountAndLeavesTheRest() {
        run("send", "counted", "--count", "10");

        CommandRun three = run("receive", "counted", "--count", "3", "--timeout", "10s");
        CommandRun rest = run("receive", "counted", "--timeout", "1s", "--json");

        assertThat(three.out().lines()).containsExactly("message 1", "message 2", "message 3");
        assertThat(rest.out().lines()).hasSize(7).allMatch(line -> line.contains("\"JMSRedelivered\":false"));
    }

    @Test
    void takesTheLongestTimes() {
        String longest = "99999999999999d";
        CommandRun send = run("send", "lasting", "one", "--ttl", longest);
        CommandRun receive = run("receive", "lasting", "--count", "1", "--timeout", longest);

        assertThat(send.exitCode()).as(send.err()).isZero();
        assertThat(receive.exitCode()).as(receive.err()).isZero();
        assertThat(receive.out().lines()).containsExactly("one");
    }

    @Test
    void printsHeadersAndPropertiesAsJson() {
        run("send", "typed", "body", "--property", "colour=red", "--property", "size:int=3", "--group", "g1");

        CommandRun receive = run("receive", "typed", "--count", "1", "--timeout", "5s", "--json");

        assertThat(receive.out().lines())
                .singleElement()
                .asString()
                .startsWith("{\"destination\":\"queue:typed\"")
                .contains(
                        "\"type\":\"text\"",
                        "\"body\":\"body\"",
                        "\"colour\":\"red\"",
                        "\"size\":3",
                        "\"JMSXGroupID\":\"g1\"",
                        "\"JMSXDeliveryCount\":1",
                        "\"JMS_Millrace_Offset\":0",
                        "\"JMSMessageID\":\"ID:",
                        "\"JMSDeliveryMode\":\"PERSISTENT\"");
    }

    @Test
    void doesNotReceiveWhatHasExpired() {
        run("send", "short", "gone", "--ttl", "1ms");
        run("send", "short", "kept", "--ttl", "1h");

        CommandRun receive = run("receive", "short", "--timeout", "1s");

        assertThat(receive.out().lines()).containsExactly("kept");
    }

    @Test
    void sendsWithoutWaitingForTheDisk() {
        run("send", "fast", "--non-persistent", "--count", "1000", "--size", "10");

        CommandRun receive = run("receive", "fast", "--count", "1000", "--timeout", "10s", "--json");

        assertThat(receive.out().lines()).hasSize(1000).allMatch(line -> line.contains("NON_PERSISTENT"));
    }

    @Test
    void browsesAndLeavesTheMessages() {
        run("send", "browsed", "--count", "3");

        CommandRun some = run("browse", "browsed", "--count", "2");
        CommandRun all = run("browse", "queue:browsed", "--json");
        CommandRun receive = run("receive", "browsed", "--timeout", "1s");

        assertThat(some.out().lines()).containsExactly("message 1", "message 2");
        assertThat(all.out().lines()).hasSize(3).allMatch(line -> line.startsWith("{"));
        assertThat(receive.out().lines()).hasSize(3);
    }

    @Test
    void keepsADurableSubscriptionsMessages() {
        List<String> receive = List.of(
                "receive", "topic:prices", "--durable", "audit", "--client-id", "accounting", "--timeout", "300ms");
        assertThat(run(receive.toArray(String[]::new)).exitCode()).isZero();

        run("send", "topic:prices", "12 EUR");
        CommandRun received = run(receive.toArray(String[]::new));

        assertThat(received.out().lines()).containsExactly("12 EUR");
        CommandRun describe = run("topic", "describe", "prices");
        assertThat(describe.out()).contains("accounting", "audit");
    }

    @Test
    void createsDescribesListsAndDeletes() {
        CommandRun create = run("queue", "create", "stock", "--partitions", "3", "--config", "retention.ms=60000");
        run("send", "stock", "--count", "5", "--size", "100");
        CommandRun describe = run("queue", "describe", "stock");
        CommandRun json = run("queue", "describe", "stock", "--json");
        CommandRun list = run("queue", "list");
        CommandRun topics = run("topic", "list", "--json");
        CommandRun delete = run("queue", "delete", "stock");

        assertThat(create.out()).isEqualTo("created queue:stock" + System.lineSeparator());
        assertThat(describe.exitCode()).as(describe.err()).isZero();
        assertThat(describe.out())
                .contains("queue.stock", "retention.ms=60000", "waiting 5", "in flight 0", "consumers 0");
        assertThat(json.out().lines()).hasSize(1);
        assertThat(json.out()).contains("\"waiting\":5", "\"partitions\":[", "\"subscriptions\":[");
        assertThat(list.out()).contains("stock");
        assertThat(topics.out()).doesNotContain("stock");
        assertThat(delete.out()).isEqualTo("deleted queue:stock" + System.lineSeparator());
        assertThat(run("queue", "list").out()).doesNotContain("stock");
    }

    @Test
    void saysWhatIsWrongInOneLine() {
        run("queue", "create", "taken");

        assertFails(run("queue", "create", "taken"), "taken");
        assertFails(run("queue", "describe", "absent"), "absent");
        assertFails(run("queue", "delete", "absent"), "absent");
        assertFails(run("queue", "create", "odd", "--config", "retention.msec=5"), "retention.msec", "retention.ms");
        assertFails(run("queue", "create", "odd", "--config", "retention.ms=soon"), "retention.ms", "soon");
    }

    @Test
    void losesNothingWhenItIsInterrupted() throws Exception {
        int messages = 20_000;
        run("send", "interrupted", "--count", "" + messages);
        List<String> printed = new ArrayList<>();
        for (String signal : List.of(interruptsAreIgnored() ? "TERM" : "INT", "TERM")) {
            try (ChildProcess receive =
                    ChildProcess.java(Main.class, "receive", "interrupted", "--url", broker.url())) {
                await().atMost(Duration.ofSeconds(20))
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> receive.out().size() > 100);
                receive.signal(signal);
                assertThat(receive.exitCode(10)).isGreaterThan(128);
                printed.addAll(receive.out());
                assertThat(String.join("\n", receive.err())).contains("from queue:interrupted");
            }
        }

        CommandRun rest = run("receive", "interrupted", "--timeout", "3s");

        printed.addAll(rest.out().lines().toList());
        assertThat(printed).hasSize(messages).doesNotHaveDuplicates();
    }

    /** A process started in the background of a shell without job control inherits that Ctrl-C is ignored, and so do its children. */
    private static boolean interruptsAreIgnored() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return false;
        }
        String ignored = Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .findFirst()
                .orElseThrow();
        return (Long.parseUnsignedLong(ignored.substring("SigIgn:".length()).trim(), 16) & 0x2) != 0;
    }

    @Test
    void sendsTheLinesOfItsInput() throws Exception {
        try (ChildProcess send = ChildProcess.java(Main.class, "send", "lines", "--url", broker.url())) {
            send.input("eins\nzwölf\n\nletzte");

            assertThat(send.exitCode(20)).as("" + send.err()).isZero();
        }

        assertThat(run("receive", "lines", "--timeout", "1s").out().lines())
                .containsExactly("eins", "zwölf", "", "letzte");
    }

    private static void assertFails(CommandRun run, String... words) {
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines()).hasSize(1);
        assertThat(run.err()).contains(words).doesNotContain("Exception");
    }

    private static CommandRun run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--url");
        all.add(broker.url());
        return CommandRun.of(all.toArray(String[]::new));
    }
}
