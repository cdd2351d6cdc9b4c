import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The JMS side. `send URI CLIENT...` fills a queue for each client, consumes a part of it so that the queue is in full use,
 * and makes the queue that the client will fill. `receive URI CLIENT=COUNT...` reads those.
 */
final class JmsChecks {
    private static final int MESSAGES = 20;
    private static final int CONSUMED = 7;
    private static final long TIMEOUT_MS = 20_000;

    private final Session session;
    private final Checks checks = new Checks("jms");

    private JmsChecks(Session session) {
        this.session = session;
    }

    public static void main(String[] arguments) throws Exception {
        ConnectionFactory factory = Class.forName("io.millrace.jms.MillraceConnectionFactory")
                .asSubclass(ConnectionFactory.class)
                .getConstructor(String.class)
                .newInstance(arguments[1]);
        int exitCode;
        try (Connection connection = factory.createConnection()) {
            connection.start();
            JmsChecks run = new JmsChecks(connection.createSession(false, Session.AUTO_ACKNOWLEDGE));
            for (String client : List.of(arguments).subList(2, arguments.length)) {
                if (arguments[0].equals("send")) {
                    run.checks.check("sends to and receives from the queue that " + client + " reads", () -> run.send(client));
                } else {
                    String[] words = client.split("=");
                    run.checks.check(
                            "receives what " + words[0] + " produced",
                            () -> run.receive(words[0], Integer.parseInt(words[1])));
                }
            }
            exitCode = run.checks.exitCode();
        }
        System.exit(exitCode);
    }

    private void send(String client) throws Exception {
        Queue queue = session.createQueue("from-jms-" + client);
        try (MessageProducer producer = session.createProducer(queue)) {
            for (int i = 0; i < MESSAGES; i++) {
                String body = "message-" + i;
                Message message = i % 2 == 0 ? session.createTextMessage(body) : bytes(body);
                message.setStringProperty("JMSXGroupID", "group-" + i % 3);
                message.setIntProperty("number", i);
                producer.send(message);
            }
        }
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            for (int i = 0; i < CONSUMED; i++) {
                Message message = consumer.receive(TIMEOUT_MS);
                Checks.equal("message-" + i, text(message), "message " + i);
                Checks.equal(i, message.getIntProperty("number"), "property of message " + i);
                Checks.equal("group-" + i % 3, message.getStringProperty("JMSXGroupID"), "group of message " + i);
            }
        }
        session.createConsumer(session.createQueue("to-jms-" + client)).close();
    }

    private void receive(String client, int count) throws Exception {
        List<String> bodies = new ArrayList<>();
        try (MessageConsumer consumer = session.createConsumer(session.createQueue("to-jms-" + client))) {
            while (bodies.size() < count) {
                Message message = consumer.receive(TIMEOUT_MS);
                if (message == null) {
                    throw new AssertionError("received " + bodies.size() + " of " + count + " messages");
                }
                String body = text(message);
                Checks.equal(body.substring(0, body.indexOf('-')), message.getStringProperty("codec"), "header as property");
                Checks.equal(1, message.getIntProperty("JMSXDeliveryCount"), "delivery count");
                bodies.add(body);
            }
            Checks.equal(null, consumer.receive(200), "nothing more");
        }
        Checks.equal((long) count, bodies.stream().distinct().count(), "different messages");
    }

    private BytesMessage bytes(String body) throws Exception {
        BytesMessage message = session.createBytesMessage();
        message.writeBytes(body.getBytes(StandardCharsets.UTF_8));
        return message;
    }

    private static String text(Message message) throws Exception {
        if (message instanceof TextMessage) {
            return ((TextMessage) message).getText();
        }
        if (message instanceof BytesMessage) {
            byte[] body = message.getBody(byte[].class);
            return new String(body, StandardCharsets.UTF_8);
        }
        throw new AssertionError("expected a TextMessage or a BytesMessage, got " + message);
    }
}
