package io.millrace.cli;

import io.millrace.protocol.DestinationKind;
import io.millrace.protocol.DestinationName;
import jakarta.jms.Connection;
import jakarta.jms.Message;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import java.util.Enumeration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace browse}: prints what waits on a queue and leaves it there. */
@Command(
        name = "browse",
        description = "Prints the messages that wait on a queue, and leaves them there.",
        footer = {"", "Examples:", "  millrace browse orders", "  millrace browse orders --count 10 --json"})
final class BrowseCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClientOptions client;

    @Parameters(
            paramLabel = "DEST",
            converter = DestinationConverter.class,
            description = "A queue, orders or queue:orders.")
    private DestinationName destination;

    @Option(names = "--count", paramLabel = "N", description = "End after so many messages.")
    private @Nullable Long count;

    @Option(names = "--json", description = "Print a JSON object a line, with headers and properties.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        check();
        long limit = count == null ? Long.MAX_VALUE : count;
        Progress progress = Progress.besideOutput(spec.commandLine().getErr(), "browsed");
        MessagePrinter printer = new MessagePrinter(spec.commandLine().getOut(), json);
        long printed = 0;
        try (Connection connection = client.factory().createConnection()) {
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            connection.start();
            QueueBrowser browser = session.createBrowser(session.createQueue(destination.name()));
            Enumeration<?> messages = browser.getEnumeration();
            while (printed < limit && messages.hasMoreElements()) {
                printer.print((Message) messages.nextElement());
                printed++;
                progress.update(printed);
            }
        }
        spec.commandLine().getErr().println(progress.total(printed) + " on " + destination);
        spec.commandLine().getErr().flush();
        return 0;
    }

    private void check() {
        if (destination.kind() == DestinationKind.TOPIC) {
            throw new ParameterException(
                    spec.commandLine(), "only queues can be browsed; a topic's messages wait in its subscriptions");
        }
        if (count != null && count < 1) {
            throw new ParameterException(spec.commandLine(), "--count takes 1 or more, not " + count);
        }
    }
}
