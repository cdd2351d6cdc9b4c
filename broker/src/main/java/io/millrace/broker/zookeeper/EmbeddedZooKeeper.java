package io.millrace.broker.zookeeper;

import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.data.Stat;
import org.apache.zookeeper.server.DataTree;
import org.apache.zookeeper.server.NIOServerCnxnFactory;
import org.apache.zookeeper.server.ServerCnxn;
import org.apache.zookeeper.server.ZKDatabase;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.apache.zookeeper.server.persistence.FileTxnSnapLog;
import org.apache.zookeeper.util.ServiceUtils;

/**
 * A ZooKeeper server in the broker's own process: on a free loopback port, without admin server, JMX beans or
 * {@code System.exit}. Its tree belongs to whoever knows the {@link Secret} of the data directory, from before the port
 * is open, so another process on the machine can neither read nor write it. For any thread.
 */
public final class EmbeddedZooKeeper implements AutoCloseable {
    private static final int TICK_MS = 3000;
    /** A paused process is not to lose its session to itself. */
    private static final int MAX_SESSION_TIMEOUT_MS = 10 * 60 * 1000;

    private static final int MAX_CONNECTIONS = 100;
    private static final String WORKER_THREADS = "zookeeper.nio.numWorkerThreads";
    private static final String SELECTOR_THREADS = "zookeeper.nio.numSelectorThreads";

    private final Path directory;
    private final QuietServer server;
    private final NIOServerCnxnFactory connections;
    private final SnapshotPurge purge;
    private final Secret secret;

    private EmbeddedZooKeeper(
            Path directory, QuietServer server, NIOServerCnxnFactory connections, SnapshotPurge purge, Secret secret) {
        this.directory = directory;
        this.server = server;
        this.connections = connections;
        this.purge = purge;
        this.secret = secret;
    }

    /**
     * Starts a server over a directory that nobody else uses.
     *
     * @param failed called once, from any thread, if the server stops by itself; what it says fits behind a colon
     */
    public static EmbeddedZooKeeper start(Path directory, Consumer<String> failed) throws IOException {
        ServiceUtils.setSystemExitProcedure(ServiceUtils.LOG_ONLY);
        Files.createDirectories(directory);
        Secret secret = Secret.of(directory);
        File files = directory.toFile();
        QuietServer server = new QuietServer(new FileTxnSnapLog(files, files), failed);
        NIOServerCnxnFactory connections = listen();
        try {
            load(server, secret);
            server.startup();
            connections.startup(server, false);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            connections.shutdown();
            throw new InterruptedIOException("interrupted while ZooKeeper started");
        } catch (IOException | RuntimeException e) {
            connections.shutdown();
            throw e;
        }
        return new EmbeddedZooKeeper(directory, server, connections, SnapshotPurge.start(files), secret);
    }

    /** Where clients in this process connect to. */
    String connectString() {
        return "127.0.0.1:" + connections.getLocalPort();
    }

    /** How many bytes its disk has left for this process; unlimited if the disk does not say. */
    long usableBytes() {
        try {
            return Files.getFileStore(directory).getUsableSpace();
        } catch (IOException e) {
            return Long.MAX_VALUE;
        }
    }

    Secret secret() {
        return secret;
    }

    @Override
    public void close() {
        server.closing = true;
        purge.close();
        connections.shutdown();
        if (server.isRunning()) {
            server.shutdown();
        }
    }

    /** The port is bound here and opened by startup(). */
    private static synchronized NIOServerCnxnFactory listen() throws IOException {
        Thread.UncaughtExceptionHandler applications = Thread.getDefaultUncaughtExceptionHandler();
        NIOServerCnxnFactory connections = new NIOServerCnxnFactory() {
            @Override
            public void registerConnection(ServerCnxn connection) {
                // no JMX beans
            }
        };
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0);
        String workers = System.getProperty(WORKER_THREADS);
        String selectors = System.getProperty(SELECTOR_THREADS);
        System.setProperty(WORKER_THREADS, "0"); // the one selector thread does the work of the one connection
        System.setProperty(SELECTOR_THREADS, "1");
        try {
            connections.configure(address, MAX_CONNECTIONS, -1, false);
        } finally {
            restore(WORKER_THREADS, workers);
            restore(SELECTOR_THREADS, selectors);
            // ZooKeeper's class sets its own for the whole process when it is loaded.
            Thread.setDefaultUncaughtExceptionHandler(applications);
        }
        return connections;
    }

    private static void restore(String property, @org.jspecify.annotations.Nullable String value) {
        if (value == null) {
            System.clearProperty(property);
        } else {
            System.setProperty(property, value);
        }
    }

    /**
     * Reads the tree, gives what ZooKeeper made by itself to the owner of the secret, and takes a snapshot of that.
     * What the store makes is the owner's anyway.
     */
    private static void load(ZooKeeperServer server, Secret secret) throws IOException, InterruptedException {
        ZKDatabase database = new ZKDatabase(server.getTxnLogFactory());
        server.setZKDatabase(database);
        database.loadDataBase();
        DataTree tree = database.getDataTree();
        List<ACL> owner = List.of(new ACL(ZooDefs.Perms.ALL, new Id("digest", secret.digest())));
        try {
            for (String path : List.of("/", "/zookeeper", "/zookeeper/quota")) {
                if (!tree.getACL(path, new Stat()).equals(owner)) {
                    tree.setACL(path, owner, -1);
                }
            }
        } catch (KeeperException e) {
            throw new IOException("the embedded ZooKeeper's tree can not be protected", e);
        }
        server.loadData();
    }

    /** A server without JMX beans that says when it stops by itself. */
    private static final class QuietServer extends ZooKeeperServer {
        private final Consumer<String> failed;
        private volatile boolean closing;

        QuietServer(FileTxnSnapLog files, Consumer<String> failed) {
            super(files, TICK_MS, "");
            this.failed = failed;
            setMaxSessionTimeout(MAX_SESSION_TIMEOUT_MS);
        }

        @Override
        protected void registerJMX() {
            // none
        }

        @Override
        protected void unregisterJMX() {
            // none
        }

        @Override
        protected void setState(State state) {
            super.setState(state);
            if (state == State.ERROR && !closing) {
                failed.accept("the embedded ZooKeeper could not write its log");
            }
        }
    }
}
