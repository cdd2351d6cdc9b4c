package io.millrace.benchmarks.broker;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The main class of ZooKeeper's process: its server with a configuration file, and a line when it serves. By reflection, as its jars are on the
 * class path of that process only.
 */
public final class ZooKeeperServer {
    /** What it prints when it serves. */
    static final String READY = "zookeeper: ready";

    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private ZooKeeperServer() {}

    public static void main(String[] arguments) throws ReflectiveOperationException {
        int port = Integer.parseInt(arguments[1]);
        Thread watch = new Thread(() -> tellWhenServing(port), "ready");
        watch.setDaemon(true);
        watch.start();
        Class.forName("org.apache.zookeeper.server.quorum.QuorumPeerMain")
                .getMethod("main", String[].class)
                .invoke(null, (Object) new String[] {arguments[0]});
    }

    private static void tellWhenServing(int port) {
        while (!isServing(port)) {
            LockSupport.parkNanos(POLL_NS);
        }
        System.out.println(READY);
    }

    private static boolean isServing(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }
}
