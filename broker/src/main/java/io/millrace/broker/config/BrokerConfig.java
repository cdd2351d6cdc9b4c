package io.millrace.broker.config;

import static io.millrace.broker.config.ConfigKey.key;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The settings of a broker. Beside the keys here there are two families: {@code default.KEY} is the default of a
 * {@link DestinationConfig} key on this broker, and {@code user.NAME.password} is a user's password. Immutable.
 */
public final class BrokerConfig {
    public static final ConfigKey<String> ADVERTISED_LISTENER = key(
                    "advertised.listener",
                    "The address that clients are told to connect to, as HOST:PORT, when it is not the one that the"
                            + " broker listens on. Empty: the address it listens on.")
            .address("");

    public static final ConfigKey<AnonymousAccess> ANONYMOUS_ACCESS = key(
                    "anonymous.access",
                    "From where a client without user and password is let in. The default lets a developer start at"
                            + " once and opens nothing to the network.")
            .choice(AnonymousAccess.LOOPBACK);

    public static final ConfigKey<Boolean> AUTO_CREATE_DESTINATIONS = key(
                    "auto.create.destinations",
                    "Whether a queue or topic is created when it is first used. On, as JMS applications expect;"
                            + " switched off where names are managed.")
            .bool(true);

    public static final ConfigKey<Integer> BROKER_ID = key(
                    "broker.id",
                    "The broker's number in its cluster; a single broker keeps the default. A broker of a cluster that"
                            + " does not say draws one, above those that are chosen, and keeps it in its data directory.")
            .integer(0, 0, Integer.MAX_VALUE);

    public static final ConfigKey<String> BROKER_RACK = key(
                    "broker.rack",
                    "What the broker shares its fate with, a rack or a zone: replicas of a partition are spread over"
                            + " racks. Empty: a rack of its own.")
            .string("");

    public static final ConfigKey<Integer> CLOSE_TIMEOUT_MS = key(
                    "close.timeout.ms",
                    "How long an orderly stop may take before it is cut short; below the 5 s that a broker promises.")
            .unit("ms")
            .integer(4000, 100, 600_000);

    public static final ConfigKey<Integer> CONNECTIONS_MAX_IDLE_MS = key(
                    "connections.max.idle.ms",
                    "A connection silent for this long is closed; 0 for never. Kafka's default; a JMS client sends a"
                            + " heartbeat at a third of it.")
            .unit("ms")
            .integer(600_000, 0, Integer.MAX_VALUE);

    public static final ConfigKey<Integer> DEFAULT_REPLICATION_FACTOR = key(
                    "default.replication.factor",
                    "How many replicas a queue or topic gets when its creator does not say; 0 for as many as there are"
                            + " brokers, up to three: enough to lose one while another is away.")
            .integer(0, 0, Short.MAX_VALUE);

    public static final ConfigKey<Integer> DELIVER_MAX_BYTES = key(
                    "deliver.max.bytes",
                    "About the most bytes of one answer to a consumer. Enough to spread the cost of an answer over many"
                            + " messages, and little enough that several consumers share a burst.")
            .unit("bytes")
            .integer(256 * 1024, 1, Integer.MAX_VALUE);

    public static final ConfigKey<Integer> FRAME_TIMEOUT_MS = key(
                    "frame.timeout.ms",
                    "How long a request may take from its first byte to its last, and a second more for each 256 KiB;"
                            + " then its connection is closed, since memory is kept for it.")
            .unit("ms")
            .integer(30_000, 1, Integer.MAX_VALUE);

    public static final ConfigKey<Integer> HEARTBEAT_TIMEOUT_MS = key(
                    "heartbeat.timeout.ms",
                    "In a cluster, a JMS client takes a broker of which it has heard nothing for this long for gone, and looks"
                            + " for another leader; heartbeats go at a third of it. As long as a ZooKeeper session: before"
                            + " that nobody else leads.")
            .unit("ms")
            .integer(6000, 30, 600_000);

    public static final ConfigKey<Integer> GROUP_INITIAL_REBALANCE_DELAY_MS = key(
                    "group.initial.rebalance.delay.ms",
                    "How long an empty consumer group waits for more members before it assigns for the first time, so"
                            + " that an application that starts rebalances once. Kafka's default.")
            .unit("ms")
            .integer(3000, 0, 600_000);

    public static final ConfigKey<Integer> GROUP_MAX_SESSION_TIMEOUT_MS = key(
                    "group.max.session.timeout.ms",
                    "The longest time for which a member of a consumer group may ask to be silent before it is taken"
                            + " for dead. Kafka's default.")
            .unit("ms")
            .integer(1_800_000, 1, Integer.MAX_VALUE);

    public static final ConfigKey<Integer> GROUP_MAX_SIZE = key(
                    "group.max.size",
                    "How many members a consumer group takes. Enough for what is in use, and little enough that a"
                            + " client that joins again and again does not exhaust the memory; Kafka has no limit.")
            .integer(10_000, 1, Integer.MAX_VALUE);

    public static final ConfigKey<Integer> GROUP_MIN_SESSION_TIMEOUT_MS = key(
                    "group.min.session.timeout.ms",
                    "The shortest time for which a member of a consumer group may ask to be silent before it is taken"
                            + " for dead. Kafka's default.")
            .unit("ms")
            .integer(6000, 1, Integer.MAX_VALUE);

    public static final ConfigKey<Integer> IN_FLIGHT_BYTES = key(
                    "in.flight.bytes",
                    "How many bytes of requests and answers the broker holds at once before it stops reading from"
                            + " connections; 0 for half of the direct memory that the JVM may use.")
            .unit("bytes")
            .integer(0, 0, Integer.MAX_VALUE);

    public static final ConfigKey<Long> JOURNAL_CHECKPOINT_BYTES = key(
                    "journal.checkpoint.bytes",
                    "After how many bytes of journal, or of segments not yet synced, a checkpoint begins. After a crash"
                            + " two or three times this much is read again: little enough that a start takes no longer for it,"
                            + " and each checkpoint costs a few syncs.")
            .unit("bytes")
            .number(16 * 1024 * 1024, 64 * 1024, 16L * 1024 * 1024 * 1024);

    public static final ConfigKey<Integer> JOURNAL_FILE_BYTES = key(
                    "journal.file.bytes",
                    "The size of one file of the journal. Files are filled with zeros ahead and used again; the first"
                            + " ones of an empty broker are smaller, so that it starts fast.")
            .unit("bytes")
            .integer(16 * 1024 * 1024, 64 * 1024, 1024 * 1024 * 1024);

    public static final ConfigKey<Integer> JOURNAL_FRAME_BYTES = key(
                    "journal.frame.bytes",
                    "About the largest frame of the journal, which one sync makes durable. Larger ones make everybody in"
                            + " them wait for the last byte.")
            .unit("bytes")
            .integer(4 * 1024 * 1024, 4096, 1024 * 1024 * 1024);

    public static final ConfigKey<Integer> JOURNAL_LINGER_MS = key(
                    "journal.linger.ms",
                    "How long an entry that nobody waits for may stay out of the journal; at most this much of what was"
                            + " never confirmed is lost with the machine's power.")
            .unit("ms")
            .integer(10, 0, 10_000);

    public static final ConfigKey<Integer> LANES = key(
                    "lanes",
                    "How many threads serve connections and partitions; 0 for half of the processors, at least one. The"
                            + " other half is for the journal, the disk and the clients on the same machine.")
            .integer(0, 0, 1024);

    public static final ConfigKey<String> LISTEN = key(
                    "listen",
                    "The address that the broker listens on, as HOST:PORT; port 0 picks a free one. Loopback, so that a"
                            + " broker without users is not open to the network.")
            .address("127.0.0.1:9092");

    public static final ConfigKey<Integer> MAX_CONNECTIONS = key(
                    "max.connections", "How many connections are served at once; more are refused.")
            .integer(10_000, 1, Integer.MAX_VALUE);

    public static final ConfigKey<Integer> MAX_FRAME_BYTES = key(
                    "max.frame.bytes",
                    "The largest request that is read. Above max.message.bytes by what surrounds the batch.")
            .unit("bytes")
            .integer(101 * 1024 * 1024, 1024, Integer.MAX_VALUE);

    public static final ConfigKey<Integer> MAX_PARTITIONS = key(
                    "max.partitions", "How many partitions one broker holds in all; a create above it is refused.")
            .integer(100_000, 1, Integer.MAX_VALUE);

    public static final ConfigKey<Integer> MAX_PARTITIONS_PER_DESTINATION = key(
                    "max.partitions.per.destination",
                    "How many partitions one queue or topic may have. At most what fits into one write of ZooKeeper.")
            .integer(1024, 1, 4096);

    public static final ConfigKey<Integer> MAX_PENDING_REQUESTS = key(
                    "max.pending.requests",
                    "How many requests of one connection may be unanswered before it is not read any more. Above what"
                            + " any client keeps in flight; it bounds what a broken one can pile up.")
            .integer(4096, 1, Integer.MAX_VALUE);

    public static final ConfigKey<Integer> NUM_PARTITIONS = key(
                    "num.partitions",
                    "How many partitions a queue or topic gets when its creator does not say. One, since JMS"
                            + " applications expect one order.")
            .integer(1, 1, 4096);

    public static final ConfigKey<String> PEER_ADVERTISED_LISTENER = key(
                    "peer.advertised.listener",
                    "The address that the other brokers of the cluster are told to connect to, as HOST:PORT, when it is"
                            + " not the clients': a network of their own, say. What Kafka's inter.broker.listener.name is"
                            + " for. Empty: the address that clients are told.")
            .address("");

    public static final ConfigKey<Integer> PEER_CONNECT_TIMEOUT_MS = key(
                    "peer.connect.timeout.ms",
                    "How long connecting to another broker of the cluster may take, until that one has answered. A"
                            + " round trip takes a millisecond or so; this leaves room for a lost packet or two and a"
                            + " pause of the other process.")
            .unit("ms")
            .integer(3000, 1, 600_000);

    public static final ConfigKey<Integer> PEER_IDLE_TIMEOUT_MS = key(
                    "peer.idle.timeout.ms",
                    "A connection to another broker on which nothing came for this long is given up and opened anew;"
                            + " heartbeats go at a third of it. Below what a client waits for its answer, and above a"
                            + " pause for garbage collection.")
            .unit("ms")
            .integer(5000, 3, 600_000);

    public static final ConfigKey<Integer> PEER_RECONNECT_BACKOFF_MAX_MS = key(
                    "peer.reconnect.backoff.max.ms",
                    "The longest pause before another broker is connected to again. A broker that was started again is"
                            + " found within it.")
            .unit("ms")
            .integer(1000, 1, 600_000);

    public static final ConfigKey<Integer> PEER_RECONNECT_BACKOFF_MS = key(
                    "peer.reconnect.backoff.ms",
                    "The first pause before another broker is connected to again; each further one is twice as long. The"
                            + " first attempt after a loss is made at once, since its refusal shows that the process is"
                            + " gone.")
            .unit("ms")
            .integer(50, 1, 600_000);

    public static final ConfigKey<Integer> PEER_REQUEST_TIMEOUT_MS = key(
                    "peer.request.timeout.ms",
                    "How long a request to another broker may wait for its answer, while the connection lives. Above a"
                            + " slow disk's worst flush.")
            .unit("ms")
            .integer(10_000, 1, 600_000);

    public static final ConfigKey<Integer> OFFSET_METADATA_MAX_BYTES = key(
                    "offset.metadata.max.bytes",
                    "How much a consumer may keep with an offset that it commits. Kafka's default.")
            .unit("bytes")
            .integer(4096, 0, Short.MAX_VALUE);

    public static final ConfigKey<Long> OFFSETS_RETENTION_CHECK_INTERVAL_MS = key(
                    "offsets.retention.check.interval.ms",
                    "How often committed offsets past their retention are looked for. Kafka's default.")
            .unit("ms")
            .number(600_000, 1, Long.MAX_VALUE);

    public static final ConfigKey<Integer> OFFSETS_RETENTION_MINUTES = key(
                    "offsets.retention.minutes",
                    "How long the offsets of a consumer group are kept after its last member has left, or after the"
                            + " last commit of a consumer without a group. A week, as with Kafka.")
            .unit("min")
            .integer(7 * 24 * 60, 1, Integer.MAX_VALUE);

    public static final ConfigKey<Long> OFFSETS_REWRITE_BYTES = key(
                    "offsets.rewrite.bytes",
                    "After that many bytes of commits, a partition of the topic of committed offsets is written anew with"
                            + " what still counts, and what was before goes; later if what counts is itself large. So a"
                            + " restart reads at most about this much of it.")
            .unit("bytes")
            .number(16L * 1024 * 1024, 1, Long.MAX_VALUE);

    public static final ConfigKey<Integer> OFFSETS_TOPIC_NUM_PARTITIONS = key(
                    "offsets.topic.num.partitions",
                    "How many partitions the topic of committed offsets gets when the first group makes it: over so"
                            + " many lanes and brokers are the groups spread. Enough for a few brokers of a few lanes;"
                            + " Kafka has 50, each of which costs files and memory.")
            .integer(16, 1, 1024);

    public static final ConfigKey<Long> PRODUCER_ID_EXPIRATION_MS = key(
                    "producer.id.expiration.ms",
                    "After what silence a partition forgets a producer, and with it the last batches that it would know"
                            + " again. Kafka's default.")
            .unit("ms")
            .number(24L * 60 * 60 * 1000, 1, Long.MAX_VALUE);

    public static final ConfigKey<Integer> REATTACH_GRACE_MS = key(
                    "reattach.grace.ms",
                    "How long after a restart deliveries wait for the clients that held them, so that nothing is"
                            + " delivered again that a living client has processed.")
            .unit("ms")
            .integer(2000, 0, 600_000);

    public static final ConfigKey<Integer> REPLICA_LAG_TIME_MAX_MS = key(
                    "replica.lag.time.max.ms",
                    "A follower that has not had all of its leader's log for this long is not in sync any more, and sends do"
                            + " not wait for it. More than a ZooKeeper session: a broker that died is taken out before.")
            .unit("ms")
            .integer(10_000, 1000, 3_600_000);

    public static final ConfigKey<Long> SNAPSHOT_INTERVAL_BYTES = key(
                    "snapshot.interval.bytes",
                    "A partition writes a snapshot of what it has folded after that many bytes of its logs. A restart"
                            + " folds at most about this much: some tens of milliseconds.")
            .unit("bytes")
            .number(16L * 1024 * 1024, 1, Long.MAX_VALUE);

    public static final ConfigKey<Long> SNAPSHOT_INTERVAL_MS = key(
                    "snapshot.interval.ms", "A partition in use writes a snapshot when its last one is that old.")
            .unit("ms")
            .number(60_000, 1, Long.MAX_VALUE);

    public static final ConfigKey<Transport> TRANSPORT = key(
                    "transport",
                    "What reads and writes sockets: Linux's epoll, or Java's nio, which is slower; auto takes epoll where"
                            + " there is one.")
            .choice(Transport.AUTO);

    public static final ConfigKey<String> USERS_FILE = key(
                    "users.file",
                    "A file with one user a line as NAME=PASSWORD, where the password is plain or as"
                            + " pbkdf2:ITERATIONS:SALT:HASH in base64. Empty: no file.")
            .string("");

    public static final ConfigKey<Integer> WRITE_STALL_TIMEOUT_MS = key(
                    "write.stall.timeout.ms",
                    "How long a peer may take nothing of answers that are kept for it while the budget of bytes in"
                            + " flight is used up; then its connection is closed. Otherwise"
                            + " connections.max.idle.ms holds.")
            .unit("ms")
            .integer(10_000, 1, Integer.MAX_VALUE);

    public static final ConfigKey<String> ZOOKEEPER_CONNECT = key(
                    "zookeeper.connect",
                    "The ZooKeeper ensemble of a cluster, as HOST:PORT,... and maybe a /PATH to live below; empty for a"
                            + " broker that is alone, with a ZooKeeper inside its process.")
            .string("");

    public static final ConfigKey<String> ZOOKEEPER_CREDENTIALS = key(
                    "zookeeper.credentials",
                    "USER:PASSWORD by which the brokers of a cluster own what they write to the ensemble, the same on"
                            + " all of them. Empty: whoever reaches the ensemble may read and write it.")
            .secret()
            .string("");

    public static final ConfigKey<Integer> ZOOKEEPER_SESSION_TIMEOUT_MS = key(
                    "zookeeper.session.timeout.ms",
                    "After what silence the ensemble takes a broker for dead. Above the pauses of a healthy machine, and"
                            + " it bounds how long a host that went silent is waited for; the ensemble may grant more.")
            .unit("ms")
            .integer(6000, 100, 600_000);

    private static final KeyRegistry REGISTRY = new KeyRegistry(List.of(
            ADVERTISED_LISTENER,
            ANONYMOUS_ACCESS,
            AUTO_CREATE_DESTINATIONS,
            BROKER_ID,
            BROKER_RACK,
            CLOSE_TIMEOUT_MS,
            CONNECTIONS_MAX_IDLE_MS,
            DEFAULT_REPLICATION_FACTOR,
            DELIVER_MAX_BYTES,
            FRAME_TIMEOUT_MS,
            HEARTBEAT_TIMEOUT_MS,
            GROUP_INITIAL_REBALANCE_DELAY_MS,
            GROUP_MAX_SESSION_TIMEOUT_MS,
            GROUP_MAX_SIZE,
            GROUP_MIN_SESSION_TIMEOUT_MS,
            IN_FLIGHT_BYTES,
            JOURNAL_CHECKPOINT_BYTES,
            JOURNAL_FILE_BYTES,
            JOURNAL_FRAME_BYTES,
            JOURNAL_LINGER_MS,
            LANES,
            LISTEN,
            MAX_CONNECTIONS,
            MAX_FRAME_BYTES,
            MAX_PARTITIONS,
            MAX_PARTITIONS_PER_DESTINATION,
            MAX_PENDING_REQUESTS,
            NUM_PARTITIONS,
            PEER_ADVERTISED_LISTENER,
            PEER_CONNECT_TIMEOUT_MS,
            PEER_IDLE_TIMEOUT_MS,
            PEER_RECONNECT_BACKOFF_MAX_MS,
            PEER_RECONNECT_BACKOFF_MS,
            PEER_REQUEST_TIMEOUT_MS,
            OFFSET_METADATA_MAX_BYTES,
            OFFSETS_RETENTION_CHECK_INTERVAL_MS,
            OFFSETS_RETENTION_MINUTES,
            OFFSETS_REWRITE_BYTES,
            OFFSETS_TOPIC_NUM_PARTITIONS,
            PRODUCER_ID_EXPIRATION_MS,
            REATTACH_GRACE_MS,
            REPLICA_LAG_TIME_MAX_MS,
            SNAPSHOT_INTERVAL_BYTES,
            SNAPSHOT_INTERVAL_MS,
            TRANSPORT,
            USERS_FILE,
            WRITE_STALL_TIMEOUT_MS,
            ZOOKEEPER_CONNECT,
            ZOOKEEPER_CREDENTIALS,
            ZOOKEEPER_SESSION_TIMEOUT_MS));

    private static final String DEFAULT_PREFIX = "default.";
    private static final String USER_PREFIX = "user.";
    private static final String PASSWORD_SUFFIX = ".password";

    private final ConfigValues values;
    private final SortedMap<String, String> destinationDefaults;
    private final SortedMap<String, String> passwords;

    private BrokerConfig(
            ConfigValues values, SortedMap<String, String> destinationDefaults, SortedMap<String, String> passwords) {
        this.values = values;
        this.destinationDefaults = Collections.unmodifiableSortedMap(destinationDefaults);
        this.passwords = Collections.unmodifiableSortedMap(passwords);
    }

    /**
     * Parses settings.
     *
     * @throws ConfigException for an unknown key, or a value that is not valid, by itself or beside another
     */
    public static BrokerConfig of(Map<String, String> settings) {
        SortedMap<String, String> own = new TreeMap<>();
        SortedMap<String, String> defaults = new TreeMap<>();
        SortedMap<String, String> passwords = new TreeMap<>();
        settings.forEach((name, text) -> {
            if (name.startsWith(DEFAULT_PREFIX) && find(name).isEmpty()) {
                defaults.put(name.substring(DEFAULT_PREFIX.length()), text);
            } else if (isPassword(name)) {
                passwords.put(name.substring(USER_PREFIX.length(), name.length() - PASSWORD_SUFFIX.length()), text);
            } else {
                own.put(name, text);
            }
        });
        DestinationConfig.of(Map.of(), defaults); // checks them
        BrokerConfig config = new BrokerConfig(ConfigValues.parse(own, REGISTRY, "setting"), defaults, passwords);
        config.checkAgainstEachOther();
        return config;
    }

    private void checkAgainstEachOther() {
        if (get(NUM_PARTITIONS) > get(MAX_PARTITIONS_PER_DESTINATION)) {
            throw new ConfigException("the setting num.partitions, " + get(NUM_PARTITIONS)
                    + ", is more than max.partitions.per.destination, " + get(MAX_PARTITIONS_PER_DESTINATION)
                    + ": every create that does not say how many would be refused");
        }
    }

    /** All keys, sorted by name. */
    public static Collection<ConfigKey<?>> keys() {
        return REGISTRY.keys();
    }

    /** The key of that name. */
    public static Optional<ConfigKey<?>> find(String name) {
        return REGISTRY.find(name);
    }

    /** The value in force. */
    public <T> T get(ConfigKey<T> key) {
        return values.get(key);
    }

    /** The value in force, as it would be written. */
    public String text(ConfigKey<?> key) {
        return values.given().getOrDefault(key.name(), key.defaultText());
    }

    /** Whether the key was set. */
    public boolean isSet(ConfigKey<?> key) {
        return values.given().containsKey(key.name());
    }

    /** The same broker under the number that it has. */
    public BrokerConfig withBrokerId(int id) {
        return new BrokerConfig(values.with(BROKER_ID, Integer.toString(id)), destinationDefaults, passwords);
    }

    /** The broker's defaults for settings of destinations, by the destination's key. */
    public SortedMap<String, String> destinationDefaults() {
        return destinationDefaults;
    }

    /** Users' passwords, plain or hashed, by name. */
    public SortedMap<String, String> passwords() {
        return passwords;
    }

    private static boolean isPassword(String name) {
        return name.startsWith(USER_PREFIX)
                && name.endsWith(PASSWORD_SUFFIX)
                && name.length() > USER_PREFIX.length() + PASSWORD_SUFFIX.length();
    }
}
