package io.millrace.broker;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.HostPort;
import io.millrace.broker.metadata.Destination;
import io.millrace.broker.metadata.NewDestination;
import io.millrace.protocol.DestinationName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A broker inside the application's own process, for tests and small installations. Several live side by side in one
 * JVM. For any thread.
 */
public final class EmbeddedBroker implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final Broker broker;
    private final @Nullable Path temporary;

    private EmbeddedBroker(Broker broker, @Nullable Path temporary) {
        this.broker = broker;
        this.temporary = temporary;
    }

    /** A broker to be started: by default on a free loopback port with a temporary data directory. */
    public static Builder builder() {
        return new Builder();
    }

    /** What a JMS client connects to: {@code millrace://127.0.0.1:PORT}. */
    public String uri() {
        return "millrace://" + bootstrapServers();
    }

    /** What a Kafka client connects to: {@code 127.0.0.1:PORT}. */
    public String bootstrapServers() {
        return broker.address().toString();
    }

    /** The port that the broker listens on. */
    public int port() {
        return broker.address().port();
    }

    /**
     * Creates a queue with the broker's defaults.
     *
     * @throws BrokerException if there is one of that name already
     */
    public void createQueue(String name) {
        create(DestinationName.queue(name));
    }

    /**
     * Creates a topic with the broker's defaults.
     *
     * @throws BrokerException if there is one of that name already
     */
    public void createTopic(String name) {
        create(DestinationName.topic(name));
    }

    /**
     * Deletes a queue with its messages; when this returns nothing of it is left, and one of the same name starts empty.
     *
     * @throws BrokerException if there is none of that name
     */
    public void deleteQueue(String name) {
        delete(DestinationName.queue(name));
    }

    /**
     * Deletes a topic with its messages and subscriptions.
     *
     * @throws BrokerException if there is none of that name
     */
    public void deleteTopic(String name) {
        delete(DestinationName.topic(name));
    }

    /** Stops the broker; a temporary data directory is deleted. A second call does nothing. */
    @Override
    public void close() {
        broker.close();
        if (temporary != null) {
            deleteTree(temporary);
        }
    }

    /** The temporary data directory, or null if one was given. */
    @Nullable
    Path temporaryDirectory() {
        return temporary;
    }

    private void create(DestinationName name) {
        Waiting<Destination> created = new Waiting<>();
        broker.destinations().create(NewDestination.byDefault(name), created);
        created.get("creating " + name, TIMEOUT);
    }

    private void delete(DestinationName name) {
        Waiting<@Nullable Void> deleted = new Waiting<>();
        broker.destinations().delete(name, deleted);
        deleted.get("deleting " + name, TIMEOUT);
    }

    private static void deleteTree(Path root) {
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                /** A second close finds nothing, and two at a time take each other's files away. */
                @Override
                public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                    if (failure instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE;
                    }
                    throw failure;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                        throws IOException {
                    Files.deleteIfExists(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException("the temporary data directory " + root + " can not be deleted", e);
        }
    }

    /** Collects what the broker is started with. */
    public static final class Builder {
        private final Map<String, String> settings = new TreeMap<>();
        private @Nullable Path directory;
        private int port;

        private Builder() {}

        /** Where the data is kept; a temporary directory, deleted at close, if not given. */
        public Builder dataDirectory(Path dataDirectory) {
            this.directory = dataDirectory;
            return this;
        }

        /** The port on loopback; 0, the default, picks a free one. */
        public Builder port(int listenPort) {
            if (listenPort < 0 || listenPort > 65535) {
                throw new IllegalArgumentException("port " + listenPort + " is not 0 to 65535");
            }
            this.port = listenPort;
            return this;
        }

        /** Adds a user with a password, plain or hashed. Whoever gives a user is checked; see anonymous.access. */
        public Builder user(String name, String password) {
            return property("user." + name + ".password", password);
        }

        /** Sets a key of docs/CONFIGURATION.md. */
        public Builder property(String key, String value) {
            settings.put(key, value);
            return this;
        }

        /**
         * Starts the broker and returns when it serves.
         *
         * @throws BrokerException if it can not start, saying why
         * @throws io.millrace.broker.config.ConfigException if a property is unknown or its value is not valid
         */
        public EmbeddedBroker start() {
            Map<String, String> effective = new TreeMap<>(settings);
            effective.putIfAbsent(BrokerConfig.LISTEN.name(), new HostPort("127.0.0.1", port).toString());
            BrokerConfig config = BrokerConfig.of(effective);
            if (directory != null) {
                return new EmbeddedBroker(start(directory, config), null);
            }
            Path temporary = temporary();
            try {
                return new EmbeddedBroker(start(temporary, config), temporary);
            } catch (RuntimeException | Error e) {
                deleteTree(temporary);
                throw e;
            }
        }

        /** A broker that can not go on closes itself: clients see it gone instead of refusing everything. */
        private static Broker start(Path dataDirectory, BrokerConfig config) {
            CompletableFuture<Broker> started = new CompletableFuture<>();
            Broker broker = Broker.start(dataDirectory, config, why -> MetadataThread.daemon(
                            () -> started.join().close(), "millrace-stop")
                    .start());
            started.complete(broker);
            return broker;
        }

        private static Path temporary() {
            try {
                return Files.createTempDirectory("millrace");
            } catch (IOException e) {
                throw new UncheckedIOException("a temporary data directory can not be made", e);
            }
        }
    }
}
