package io.millrace.cli;

import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.protocol.DestinationKind;
import io.millrace.protocol.DestinationName;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace receive}: consumes messages and prints them. */
@Command(
        name = "receive",
        description =
                "Consumes messages and prints their bodies, a line each. A message counts as consumed only after it"
                        + " was printed: Ctrl-C loses nothing.",
        footer = {
            "",
            "Examples:",
            "  millrace receive orders                              until Ctrl-C",
            "  millrace receive orders --count 10 --timeout 5s      ten, or fewer if none comes for 5 s",
            "  millrace receive topic:prices --durable audit --client-id accounting --json"
        })
final class ReceiveCommand implements Callable<Integer> {
    private static final int PREFETCH = 1000;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ClientOptions client;

    @Parameters(
            paramLabel = "DEST",
            converter = DestinationConverter.class,
            description = "A queue, orders or queue:orders; or a topic, topic:prices.")
    private DestinationName destination;

    @Option(names = "--count", paramLabel = "N", description = "End after so many messages.")
    private @Nullable Long count;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description = "End when no message has come for that time, such as 5s or 500ms.")
    private @Nullable Duration timeout;

    @Option(
            names = "--durable",
            paramLabel = "NAME",
            description =
                    "Use the durable subscription of that name, which keeps what comes meanwhile; needs --client-id.")
    private @Nullable String durable;

    @Option(names = "--client-id", paramLabel = "ID", description = "The JMS client identifier.")
    private @Nullable String clientId;

    @Option(names = "--json", description = "Print a JSON object a line, with headers and properties.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        check();
        MillraceConnectionFactory factory = client.factory();
        factory.setClientId(clientId);
        if (count != null) {
            factory.setPrefetch((int) Math.min(PREFETCH, count)); // and leave the rest to others
        }
        PrintWriter err = spec.commandLine().getErr();
        Progress progress = Progress.besideOutput(err, "received");
        Interruption interruption = Interruption.install();
        try {
            long received = receive(factory, interruption, progress);
            err.println(progress.total(received) + " from " + destination);
            err.flush();
        } finally {
            interruption.over();
        }
        return 0;
    }

    private long receive(MillraceConnectionFactory factory, Interruption interruption, Progress progress)
            throws JMSException, CommandException {
        try (Connection connection = factory.createConnection()) {
            Session session = connection.createSession(false, Session.CLIENT_ACKNOWLEDGE);
            MessageConsumer consumer = consumer(session);
            connection.start();
            MessagePrinter printer = new MessagePrinter(spec.commandLine().getOut(), json);
            return new ReceiveLoop(consumer, printer, interruption, progress)
                    .run(count == null ? Long.MAX_VALUE : count, timeout);
        }
    }

    private void check() {
        if (count != null && count < 1) {
            throw new ParameterException(spec.commandLine(), "--count takes 1 or more, not " + count);
        }
        if (durable != null && destination.kind() == DestinationKind.QUEUE) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--durable needs a topic: a queue keeps its messages anyway. Did you mean topic:"
                            + destination.name() + "?");
        }
        if (durable != null && clientId == null) {
            throw new ParameterException(spec.commandLine(), "--durable needs --client-id");
        }
        checkNotEmpty("--durable", durable);
        checkNotEmpty("--client-id", clientId);
    }

    private void checkNotEmpty(String option, @Nullable String value) {
        if (value != null && value.isEmpty()) {
            throw new ParameterException(spec.commandLine(), option + " is empty");
        }
    }

    private MessageConsumer consumer(Session session) throws JMSException {
        return durable == null
                ? session.createConsumer(DestinationText.of(destination, session))
                : session.createDurableConsumer((Topic) DestinationText.of(destination, session), durable);
    }
}
