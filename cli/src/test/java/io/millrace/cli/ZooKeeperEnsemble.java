package io.millrace.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.zookeeper.server.quorum.QuorumPeerMain;
import org.awaitility.Awaitility;

/** ZooKeeper servers in processes of their own, which elect a leader among them and can be killed. Each logs beside its data. */
final class ZooKeeperEnsemble implements AutoCloseable {
    /** Short, so that what a test waits for comes soon; sessions may be 2 to 20 of them. */
    private static final int TICK_MS = 500;

    private final Path directory;
    private final List<Integer> clientPorts = new ArrayList<>();
    private final List<Process> servers = new ArrayList<>();

    private ZooKeeperEnsemble(Path directory) {
        this.directory = directory;
    }

    /** Starts servers and returns when a majority serves. */
    static ZooKeeperEnsemble start(Path directory, int count) throws IOException {
        ZooKeeperEnsemble ensemble = new ZooKeeperEnsemble(directory);
        List<Integer> ports = freePorts(3 * count);
        ensemble.clientPorts.addAll(ports.subList(0, count));
        String members = "";
        for (int i = 0; i < count; i++) {
            members += "server." + (i + 1) + "=127.0.0.1:" + ports.get(count + 2 * i) + ":"
                    + ports.get(count + 2 * i + 1) + "\n";
        }
        for (int i = 0; i < count; i++) {
            Path data = Files.createDirectories(ensemble.data(i));
            Files.writeString(data.resolve("myid"), Integer.toString(i + 1));
            Files.writeString(
                    ensemble.config(i),
                    "tickTime=" + TICK_MS + "\ninitLimit=20\nsyncLimit=10\nadmin.enableServer=false\n"
                            + "4lw.commands.whitelist=srvr\nclientPortAddress=127.0.0.1\nclientPort="
                            + ensemble.clientPorts.get(i)
                            + "\ndataDir=" + data + "\n" + (count > 1 ? members : ""));
            ensemble.servers.add(ensemble.run(i));
        }
        ensemble.awaitServing(count);
        return ensemble;
    }

    /** For {@code --zookeeper}. */
    String connect() {
        return clientPorts.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
    }

    /** The ports of its servers. */
    List<Integer> clientPorts() {
        return List.copyOf(clientPorts);
    }

    /** kill -9 of one server. */
    void kill(int index) throws InterruptedException {
        servers.get(index).destroyForcibly().waitFor();
    }

    void restart(int index) throws IOException {
        servers.set(index, run(index));
    }

    /** Waits until so many servers serve. */
    void awaitServing(int count) {
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> serving() >= count);
    }

    private long serving() {
        return clientPorts.stream().filter(ZooKeeperEnsemble::serves).count();
    }

    private static boolean serves(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            socket.setSoTimeout(2000);
            socket.getOutputStream().write("srvr".getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            return answer.contains("Mode: ");
        } catch (IOException e) {
            return false;
        }
    }

    private Process run(int index) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx96m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Dzookeeper.jmx.log4j.disable=true",
                        "-Dzookeeper.forceSync=no",
                        "-cp",
                        BrokerProcess.classPath(),
                        QuorumPeerMain.class.getName(),
                        config(index).toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("zookeeper-" + index + ".log").toFile()))
                .start();
    }

    private Path data(int index) {
        return directory.resolve("zookeeper-" + index);
    }

    private Path config(int index) {
        return directory.resolve("zookeeper-" + index + ".cfg");
    }

    private static List<Integer> freePorts(int count) {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            List<Integer> ports =
                    sockets.stream().map(ServerSocket::getLocalPort).toList();
            for (ServerSocket socket : sockets) {
                socket.close();
            }
            return ports;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        servers.forEach(Process::destroyForcibly);
    }
}
