package io.millrace.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.EmbeddedBroker;
import io.millrace.jms.MillraceConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.JMSSecurityRuntimeException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who is let in, and what the others are told. */
class AuthenticationIT {
    private EmbeddedBroker broker;

    @AfterEach
    void stopBroker() {
        broker.close();
    }

    private void start(String anonymous) {
        broker = EmbeddedBroker.builder()
                .user("ann", "secret")
                .property("anonymous.access", anonymous)
                .start();
    }

    @Test
    void letsAUserInWithTheRightPassword() throws Exception {
        // Given
        start("never");

        // When // Then
        try (Connection connection = new MillraceConnectionFactory(broker.uri()).createConnection("ann", "secret")) {
            connection.start();
        }
        assertThat(produce("ann", "secret")).isZero();
    }

    @Test
    void saysThatThePasswordIsWrong() {
        // Given
        start("loopback");
        MillraceConnectionFactory factory = new MillraceConnectionFactory(broker.uri());

        // When // Then
        assertThatThrownBy(() -> factory.createConnection("ann", "guess"))
                .isInstanceOf(JMSSecurityException.class)
                .hasMessageContaining("user or password is wrong");
        assertThatThrownBy(() -> factory.createConnection("nobody", "secret"))
                .isInstanceOf(JMSSecurityException.class)
                .hasMessageContaining("user or password is wrong");
        assertThatThrownBy(() -> factory.createContext("ann", null))
                .isInstanceOf(JMSSecurityRuntimeException.class)
                .hasMessageContaining("user or password is wrong");
        assertThatThrownBy(() -> produce("ann", "guess"))
                .hasCauseInstanceOf(SaslAuthenticationException.class)
                .hasMessageContaining("user or password is wrong");
    }

    @Test
    void letsNobodyInWithoutAUserWhereThatIsNotAllowed() {
        // Given
        start("never");

        // When // Then
        assertThatThrownBy(() -> new MillraceConnectionFactory(broker.uri()).createConnection())
                .isInstanceOf(JMSSecurityException.class)
                .hasMessageContaining("a user and a password are needed");
        assertThatThrownBy(() -> produce(null, null)).hasCauseInstanceOf(TimeoutException.class);
    }

    @Test
    void letsThisMachineInWithoutAUserByDefault() throws Exception {
        // Given
        start("loopback");

        // When // Then
        try (Connection connection = new MillraceConnectionFactory(broker.uri()).createConnection()) {
            connection.start();
        }
        assertThat(produce(null, null)).isZero();
    }

    /** The offset that a Kafka client's first record gets. */
    private long produce(String user, String password) throws InterruptedException, ExecutionException, JMSException {
        Map<String, Object> settings =
                new HashMap<>(Map.of("bootstrap.servers", broker.bootstrapServers(), "max.block.ms", "2000"));
        if (user != null) {
            settings.put("security.protocol", "SASL_PLAINTEXT");
            settings.put("sasl.mechanism", "PLAIN");
            settings.put(
                    "sasl.jaas.config",
                    "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"" + user
                            + "\" password=\"" + password + "\";");
        }
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            return producer.send(new ProducerRecord<>("letters", 0, null, "hello"))
                    .get()
                    .offset();
        }
    }
}
