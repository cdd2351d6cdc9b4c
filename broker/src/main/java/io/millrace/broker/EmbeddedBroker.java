package io.millrace.broker;

import java.nio.file.Path;

/**
 * A broker inside the application's own process, for tests and small installations. Several live side by side in one
 * JVM. For any thread.
 */
@SuppressWarnings("DoNotCallSuggester") // signatures first: the bodies follow at once and remove this
public final class EmbeddedBroker implements AutoCloseable {
    private EmbeddedBroker() {}

    /** A broker to be started: by default on a free loopback port with a temporary data directory. */
    public static Builder builder() {
        return new Builder();
    }

    /** What a JMS client connects to: {@code millrace://127.0.0.1:PORT}. */
    public String uri() {
        throw new UnsupportedOperationException();
    }

    /** What a Kafka client connects to: {@code 127.0.0.1:PORT}. */
    public String bootstrapServers() {
        throw new UnsupportedOperationException();
    }

    /** The port that the broker listens on. */
    public int port() {
        throw new UnsupportedOperationException();
    }

    /** Creates a queue. */
    public void createQueue(String name) {
        throw new UnsupportedOperationException();
    }

    /** Creates a topic. */
    public void createTopic(String name) {
        throw new UnsupportedOperationException();
    }

    /** Deletes a queue with its messages; a queue of that name starts empty afterwards. */
    public void deleteQueue(String name) {
        throw new UnsupportedOperationException();
    }

    /** Deletes a topic with its messages and subscriptions. */
    public void deleteTopic(String name) {
        throw new UnsupportedOperationException();
    }

    /** Stops the broker; a temporary data directory is deleted. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }

    /** Collects what the broker is started with. */
    public static final class Builder {
        private Builder() {}

        /** Where the data is kept; a temporary directory, deleted at close, if not given. */
        public Builder dataDirectory(Path directory) {
            throw new UnsupportedOperationException("" + directory);
        }

        /** The port on loopback; 0, the default, picks a free one. */
        public Builder port(int port) {
            throw new UnsupportedOperationException("" + port);
        }

        /** Adds a user; as soon as there is one, name and password are checked. */
        public Builder user(String name, String password) {
            throw new UnsupportedOperationException(name + password);
        }

        /** Sets a key of docs/CONFIGURATION.md. */
        public Builder property(String key, String value) {
            throw new UnsupportedOperationException(key + value);
        }

        /** Starts the broker and returns when it serves. */
        public EmbeddedBroker start() {
            throw new UnsupportedOperationException();
        }
    }
}
