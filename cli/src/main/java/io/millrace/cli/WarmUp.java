package io.millrace.cli;

import io.millrace.broker.Broker;
import io.millrace.broker.config.BrokerConfig;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.Map;

/**
 * Runs a broker and the client's commands once in one process, so that the JVM can write down the classes they load:
 * bin/millrace makes its class-data archive from it, which halves the start-up.
 */
final class WarmUp {
    private WarmUp() {}

    /**
     * Runs.
     *
     * @param arguments where the broker's data may be kept: a directory that does not exist yet
     */
    public static void main(String[] arguments) throws Exception {
        BrokerConfig config = BrokerConfig.of(Map.of(BrokerConfig.LISTEN.name(), "127.0.0.1:0"));
        run("broker", "--help");
        try (Broker broker = Broker.start(Path.of(arguments[0]), config, why -> {})) {
            String url = "millrace://" + broker.address();
            run("send", "warm-up", "one", "--url", url);
            run("browse", "warm-up", "--url", url);
            run("receive", "warm-up", "--json", "--count", "1", "--timeout", "5s", "--url", url);
            run("queue", "list", "--url", url);
            run("queue", "describe", "warm-up", "--url", url);
            run("queue", "delete", "warm-up", "--url", url);
        }
    }

    private static void run(String... arguments) {
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        int exitCode = Main.commandLine().setOut(nowhere).setErr(nowhere).execute(arguments);
        if (exitCode != 0) {
            throw new IllegalStateException(String.join(" ", arguments) + " ended with " + exitCode);
        }
    }
}
