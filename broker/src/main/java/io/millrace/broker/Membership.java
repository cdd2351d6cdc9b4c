package io.millrace.broker;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.log.StorageDirectory;
import io.millrace.broker.metadata.BrokerIdentity;
import io.millrace.broker.metadata.Foundation;
import io.millrace.broker.metadata.Foundation.Cluster;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which broker of which cluster a data directory is of: said once, at its first start in a cluster, and kept in a file of the directory.
 * A directory without the file is of a broker that is alone, or new. Immutable.
 */
record Membership(String clusterId, int brokerId, BrokerIdentity identity) {
    private static final String FILE = "membership";
    private static final String VERSION = "1";
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    /**
     * Joins the cluster of a store, founding it if there is none.
     *
     * @param partitions how many are in the directory
     * @throws BrokerException if the directory is of another broker or another cluster, or of a broker that was alone
     */
    static Membership join(StorageDirectory directory, int partitions, BrokerConfig config, Foundation foundation) {
        Membership present = read(directory);
        if (present == null && partitions > 0) {
            throw new BrokerException("the data directory " + directory + " holds " + partitions
                    + " partitions of a broker that was alone; a broker of a cluster begins with an empty directory");
        }
        Cluster cluster = present == null ? lay(foundation) : find(foundation, directory, present);
        if (present != null) {
            present.check(directory, cluster, config);
            return present;
        }
        UUID id = UUID.randomUUID();
        Waiting<Long> since = new Waiting<>();
        foundation.birth(id, since);
        Membership joined = new Membership(
                cluster.id(),
                config.isSet(BrokerConfig.BROKER_ID) ? config.get(BrokerConfig.BROKER_ID) : draw(foundation),
                new BrokerIdentity(id, since.get("the broker can not join", TIMEOUT)));
        directory.replace(FILE, ByteBuffer.wrap(joined.text().getBytes(StandardCharsets.UTF_8)));
        return joined;
    }

    /**
     * Checks that a directory is not one of a cluster.
     *
     * @throws BrokerException if it is
     */
    static void checkAlone(StorageDirectory directory) {
        Membership present = read(directory);
        if (present != null) {
            throw new BrokerException("the data directory " + directory + " is of broker " + present.brokerId
                    + " of the cluster " + present.clusterId + "; say where its ZooKeeper ensemble is ("
                    + BrokerConfig.ZOOKEEPER_CONNECT + ")");
        }
    }

    private void check(StorageDirectory directory, Cluster cluster, BrokerConfig config) {
        if (!cluster.id().equals(clusterId)) {
            throw new BrokerException("the data directory " + directory + " is of the cluster " + clusterId
                    + ", and the ZooKeeper ensemble is of the cluster " + cluster.id());
        }
        if (config.isSet(BrokerConfig.BROKER_ID) && config.get(BrokerConfig.BROKER_ID) != brokerId) {
            throw new BrokerException("the data directory " + directory + " is of broker " + brokerId + ", and "
                    + BrokerConfig.BROKER_ID + " says " + config.get(BrokerConfig.BROKER_ID));
        }
    }

    private static Cluster lay(Foundation foundation) {
        Waiting<Cluster> laid = new Waiting<>();
        foundation.lay(laid);
        return laid.get("the cluster can not be founded", TIMEOUT);
    }

    private static Cluster find(Foundation foundation, StorageDirectory directory, Membership present) {
        Waiting<Optional<Cluster>> found = new Waiting<>();
        foundation.find(found);
        return found.get("the cluster can not be read", TIMEOUT)
                .orElseThrow(() -> new BrokerException("the data directory " + directory + " is of the cluster "
                        + present.clusterId + ", and there is no cluster in the ZooKeeper ensemble"));
    }

    private static int draw(Foundation foundation) {
        Waiting<Integer> drawn = new Waiting<>();
        foundation.drawBrokerId(drawn);
        return drawn.get("no broker id could be drawn", TIMEOUT);
    }

    private String text() {
        return "version=" + VERSION + "\ncluster.id=" + clusterId + "\nbroker.id=" + brokerId + "\ndirectory.id="
                + identity.directory() + "\nsince=" + identity.since() + "\n";
    }

    private static @Nullable Membership read(StorageDirectory directory) {
        ByteBuffer found = directory.readAll(FILE);
        if (found == null) {
            return null;
        }
        Map<String, String> fields = new HashMap<>();
        StandardCharsets.UTF_8.decode(found).toString().lines().forEach(line -> {
            int equals = line.indexOf('=');
            if (equals > 0) {
                fields.put(line.substring(0, equals), line.substring(equals + 1));
            }
        });
        if (!VERSION.equals(fields.get("version"))) {
            throw new BrokerException("the file " + FILE + " of the data directory " + directory + " has version "
                    + fields.get("version") + ", this broker reads " + VERSION);
        }
        try {
            return new Membership(
                    field(fields, "cluster.id"),
                    Integer.parseInt(field(fields, "broker.id")),
                    new BrokerIdentity(
                            UUID.fromString(field(fields, "directory.id")), Long.parseLong(field(fields, "since"))));
        } catch (IllegalArgumentException e) {
            throw new BrokerException(
                    "the file " + FILE + " of the data directory " + directory + " is damaged: " + e.getMessage());
        }
    }

    private static String field(Map<String, String> fields, String name) {
        String value = fields.get(name);
        if (value == null) {
            throw new IllegalArgumentException("it lacks " + name);
        }
        return value;
    }
}
