package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MainTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "broker",
                "send",
                "receive",
                "browse",
                "queue",
                "topic",
                "queue create",
                "queue list",
                "queue describe",
                "queue delete",
                "topic create",
                "topic list",
                "topic describe",
                "topic delete",
                "cluster",
                "cluster reassign",
                "cluster drain",
                "cluster undrain",
                "cluster elect-preferred"
            })
    void helpHasExamples(String command) {
        CommandRun run = CommandRun.of((command + " --help").split(" "));

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("Usage: millrace " + command).contains("Examples:");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void failsWhenNobodyReadsTheOutput() {
        StringWriter err = new StringWriter();
        int exitCode = Main.commandLine()
                .setOut(new PrintWriter(new ClosedWriter()))
                .setErr(new PrintWriter(err))
                .execute("queue", "list", "--help");

        assertThat(exitCode).isEqualTo(Main.FAILED);
        assertThat(err.toString()).contains("nobody reads");
    }

    /** A pipe whose reader has gone. */
    private static final class ClosedWriter extends Writer {
        @Override
        public void write(char[] chars, int from, int count) throws IOException {
            throw new IOException("broken pipe");
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    @Test
    void saysItsVersion() {
        assertThat(CommandRun.of("--version").out()).startsWith("millrace ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "send",
                "send orders --count many",
                "send orders --ttl 5",
                "send orders --ttl 0s x",
                "send orders --size 10 text",
                "send orders --property size:int=large x",
                "send orders --property size:colour=red x",
                "send orders --url http://localhost x",
                "send orders --url millrace://localhost?colour=red x",
                "send orders --password-file /tmp/p --password x",
                "send mailbox:orders x",
                "send queue: x",
                "receive orders --timeout 5 seconds",
                "receive orders --count 0",
                "receive orders --durable audit --client-id me",
                "receive topic:prices --durable audit",
                "browse topic:prices",
                "queue",
                "queue nonsense",
                "queue create orders --partitions 0",
                "queue describe topic:prices",
                "topic create queue:orders",
                "send orders --property =x text",
                "send orders --property a.b=x text",
                "send orders --property JMSType=x text",
                "queue create orders --config retention.ms",
                "broker --zookeeper nonsense:x --port 5",
                "broker --zookeeper=",
                "queue create orders --min-insync 2 --config min.insync.replicas=1",
                "cluster reassign orders --replicas 0",
                "cluster reassign colour:orders",
                "cluster reassign queue:",
                "queue create orders --replicas 40000",
                "cluster reassign --status --replicas 2",
                "cluster reassign --status --throttle 5MiB/s",
                "broker --colour red"
            })
    void wrongUsageIsOneLineAndTwo(String command) {
        CommandRun run = CommandRun.of(command.isEmpty() ? new String[0] : command.split(" "));

        assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
        assertThat(run.err().lines()).hasSize(1);
        assertThat(run.err()).startsWith("millrace").doesNotContain("Exception");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void saysWhatIsWrongAndWhatWouldBeRight() {
        assertThat(CommandRun.of("topic", "bogus").err())
                .contains("no command 'bogus'", "create, list, describe, delete");
        assertThat(CommandRun.of("cluster", "reassign", "colour:a").err())
                .contains("'colour:a' is not a destination", "topic:prices");
        assertThat(CommandRun.of("queue", "delete", "topic:a").err()).contains("did you mean millrace topic delete");
        assertThat(CommandRun.of("send", "a", "--property", "n:colour=1", "x").err())
                .contains("'colour' is no type");
        assertThat(CommandRun.of("send", "a", "--property", "n:int=x", "x").err())
                .contains("the value is not of the type int");
        assertThat(CommandRun.of("receive", "topic:a", "--durable", "", "--client-id", "x"))
                .returns(2, CommandRun::exitCode)
                .extracting(CommandRun::err)
                .asString()
                .contains("--durable is empty");
        assertThat(CommandRun.of(
                                "broker",
                                "--data",
                                directory.resolve("data").toString(),
                                "--listen",
                                "nowhere.invalid:1")
                        .err())
                .contains("nowhere.invalid:1: unknown host");
    }

    @Test
    void namesTheNearestKeyOfAMisspeltSetting() {
        CommandRun run =
                CommandRun.of("broker", "--data", directory.resolve("data").toString(), "--set", "lane=3");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err().lines()).hasSize(1);
        assertThat(run.err()).contains("lane").contains("lanes");
    }

    @Test
    void namesKeyAndValueOfAWrongSetting() throws IOException {
        Path file = Files.writeString(directory.resolve("settings"), "max.connections = many\n");

        CommandRun run =
                CommandRun.of("broker", "--data", directory.resolve("data").toString(), "--config", file.toString());

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err().lines()).hasSize(1);
        assertThat(run.err()).contains("max.connections").contains("many");
    }

    @Test
    void saysThatASettingsFileIsMissing() {
        Path missing = directory.resolve("missing");

        CommandRun run = CommandRun.of("broker", "--config", missing.toString());

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("no file").contains(missing.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"send orders x", "receive orders --timeout 1s", "browse orders", "queue list"})
    void asksWhetherTheBrokerRunsWhenNobodyListens(String command) throws IOException {
        String url = "millrace://127.0.0.1:" + closedPort();

        CommandRun run = CommandRun.of((command + " --url " + url).split(" "));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err().lines()).hasSize(1);
        assertThat(run.err())
                .startsWith("millrace: NETWORK_EXCEPTION: ")
                .contains("is the broker running? bin/millrace broker")
                .doesNotContain("Exception");
    }

    @Test
    void showsTheStackTraceOnDemand() throws IOException {
        CommandRun run = CommandRun.of("queue", "list", "--verbose", "--url", "millrace://127.0.0.1:" + closedPort());

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("\tat ").contains("is the broker running?");
    }

    private static int closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
