package io.millrace.cli;

import io.millrace.protocol.DestinationName;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace send}: texts become messages. Many are under way at once; the command ends when all are confirmed. */
@Command(
        name = "send",
        description = "Sends text messages: each TEXT is one, or each line of the standard input where there is none.",
        footer = {
            "",
            "Examples:",
            "  millrace send orders 'first message' 'second message'",
            "  millrace send topic:prices --property currency=EUR --property amount:int=12 '12 EUR'",
            "  millrace send orders < messages.txt",
            "  millrace send orders --count 100000 --size 1k"
        })
final class SendCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClientOptions client;

    @Parameters(
            paramLabel = "DEST",
            converter = DestinationConverter.class,
            description = "A queue, orders or queue:orders; or a topic, topic:prices.")
    private DestinationName destination;

    @Parameters(paramLabel = "TEXT", index = "1..*", description = "A message. Quote it where it has blanks.")
    private List<String> texts = List.of();

    @Option(
            names = "--count",
            paramLabel = "N",
            description = "Send each TEXT so many times, or so many numbered messages where there is none.")
    private @Nullable Long count;

    @Option(
            names = "--size",
            paramLabel = "BYTES",
            converter = SizeConverter.class,
            description = "Send numbered messages of that size, such as 1024, 64k or 10m.")
    private @Nullable Integer size;

    @Option(
            names = "--property",
            paramLabel = "NAME[:TYPE]=VALUE",
            description = "A property of each message. TYPE is string (the default), boolean, byte, short, int, long,"
                    + " float or double.")
    private Map<String, String> properties = new LinkedHashMap<>();

    @Option(names = "--group", paramLabel = "ID", description = "The messages' group (JMSXGroupID).")
    private @Nullable String group;

    @Option(names = "--non-persistent", description = "Do not wait for the disk; a crash may lose the messages.")
    private boolean nonPersistent;

    @Option(names = "--ttl", paramLabel = "DURATION", description = "The messages expire after that time, such as 30s.")
    private @Nullable Duration timeToLive;

    @Option(names = "--json", description = "Print what was done as a JSON object.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        check();
        PrintWriter err = spec.commandLine().getErr();
        Confirmations confirmations = new Confirmations();
        Progress progress = Progress.of(err, "sent");
        Interruption interruption = Interruption.onSignal(() -> {
            progress.clear();
            err.println("interrupted: " + confirmations.confirmed() + " messages were sent and confirmed");
            err.flush();
        });
        StallNotice notice = StallNotice.begin(client, destination, confirmations, err);
        try {
            send(confirmations, progress);
        } finally {
            notice.end();
            interruption.over();
        }
        report(confirmations.confirmed(), progress);
        return 0;
    }

    private void send(Confirmations confirmations, Progress progress) throws Exception {
        MessageProperties typed = MessageProperties.parse(properties, spec);
        try (Connection connection = client.factory().createConnection();
                SendSource source = source()) {
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            MessageProducer producer = session.createProducer(DestinationText.of(destination, session));
            producer.setDeliveryMode(nonPersistent ? DeliveryMode.NON_PERSISTENT : DeliveryMode.PERSISTENT);
            if (timeToLive != null) {
                producer.setTimeToLive(TimeUnit.MILLISECONDS.convert(timeToLive)); // saturates
            }
            for (String text = source.next(); text != null && !confirmations.hasFailed(); text = source.next()) {
                producer.send(message(session, text, typed), confirmations.another());
                progress.update(confirmations.confirmed());
            }
            confirmations.await(progress);
        }
    }

    private void check() {
        if (size != null && !texts.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "--size makes messages of its own: leave TEXT out");
        }
        if (count != null && count < 0) {
            throw new ParameterException(spec.commandLine(), "--count takes 0 or more, not " + count);
        }
        if (timeToLive != null && timeToLive.isZero()) {
            throw new ParameterException(spec.commandLine(), "--ttl takes more than 0; leave it out for no expiry");
        }
    }

    private SendSource source() {
        if (!texts.isEmpty()) {
            return SendSource.texts(texts, count == null ? 1 : count);
        }
        if (size != null || count != null) {
            return SendSource.numbered(count == null ? 1 : count, size == null ? 0 : size);
        }
        if (Terminal.isStdin()) {
            spec.commandLine().getErr().println("one message a line; Ctrl-D ends");
            spec.commandLine().getErr().flush();
        }
        return SendSource.lines(System.in);
    }

    private TextMessage message(Session session, String text, MessageProperties typed) throws JMSException {
        TextMessage message = session.createTextMessage(text);
        typed.set(message);
        if (group != null) {
            message.setStringProperty("JMSXGroupID", group);
        }
        return message;
    }

    private void report(long sent, Progress progress) {
        String total = progress.total(sent);
        if (json) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("destination", destination.toString());
            object.put("sent", sent);
            spec.commandLine().getOut().println(JsonWriter.write(object));
            spec.commandLine().getOut().flush();
        } else {
            spec.commandLine().getErr().println(total + " to " + destination);
            spec.commandLine().getErr().flush();
        }
    }
}
