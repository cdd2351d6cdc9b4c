package io.millrace.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A {@link LinkProxy} on every link of a cluster: between each two brokers, one for each that connects; between clients and each broker; between
 * each broker and each ZooKeeper server. Broker B says to clients that it is at its own link's address, and to brokers that it is at the host
 * {@code broker-B}, which each other one looks up in a file of its own: so each comes by another link. Owned by the test's thread.
 */
final class LinkedBrokers implements ClusterOfBrokers.Wiring, AutoCloseable {
    private static final int NOBODY = 1;

    private final Path directory;
    private final int count;
    private final Map<Integer, LinkProxy> clients = new LinkedHashMap<>();
    private final Map<Pair, LinkProxy> peers = new LinkedHashMap<>();
    private final Map<Integer, List<LinkProxy>> zooKeepers = new LinkedHashMap<>();
    private final Map<Integer, Integer> peerPorts = new LinkedHashMap<>();

    /** Links for brokers 1 to {@code count}. */
    LinkedBrokers(Path directory, int count, ZooKeeperEnsemble ensemble) {
        this.directory = directory;
        this.count = count;
        for (int id = 1; id <= count; id++) {
            clients.put(id, LinkProxy.to(NOBODY));
            zooKeepers.put(
                    id, ensemble.clientPorts().stream().map(LinkProxy::to).toList());
            for (int from = 1; from <= count; from++) {
                if (from != id) {
                    LinkProxy link = LinkProxy.at(hostOf(from, id), peerPorts.getOrDefault(id, 0), NOBODY);
                    peerPorts.put(id, link.port()); // one name, one port
                    peers.put(new Pair(from, id), link);
                }
            }
        }
    }

    private record Pair(int from, int to) {}

    /** Linux listens on all of 127/8. */
    private static String hostOf(int from, int to) {
        return "127.0." + from + "." + (100 + to);
    }

    // ---- the links

    /** Between clients and a broker. */
    LinkProxy ofClients(int id) {
        return clients.get(id);
    }

    /** By which a broker connects to another. */
    LinkProxy between(int from, int to) {
        return peers.get(new Pair(from, to));
    }

    /** Between a broker and ZooKeeper. */
    List<LinkProxy> toZooKeeper(int id) {
        return zooKeepers.get(id);
    }

    /** All between a broker and others, whoever connects. */
    List<LinkProxy> withPeers(int id) {
        return peers.entrySet().stream()
                .filter(link -> link.getKey().from() == id || link.getKey().to() == id)
                .map(Map.Entry::getValue)
                .toList();
    }

    /** What a broker says does not reach another; what that one says does reach it. */
    void cutOneWay(int speaker, int hearer) {
        between(speaker, hearer).cut(LinkProxy.Direction.TO_TARGET);
        between(hearer, speaker).cut(LinkProxy.Direction.FROM_TARGET);
    }

    /** Everything is as in the beginning. */
    void heal() {
        all().forEach(LinkProxy::heal);
    }

    private List<LinkProxy> all() {
        return Stream.of(
                        clients.values(),
                        peers.values(),
                        zooKeepers.values().stream().flatMap(List::stream).toList())
                .flatMap(Collection::stream)
                .toList();
    }

    // ---- the brokers

    @Override
    public String zooKeeper(int id) {
        return zooKeepers.get(id).stream().map(LinkProxy::address).collect(Collectors.joining(","));
    }

    @Override
    public List<String> jvm(int id) throws IOException {
        StringBuilder hosts = new StringBuilder(
                "127.0.0.1 localhost\n127.0.0.1 " + InetAddress.getLocalHost().getHostName() + "\n");
        for (int to = 1; to <= count; to++) {
            if (to != id) {
                hosts.append(hostOf(id, to)).append(" broker-").append(to).append('\n');
            }
        }
        Path file = Files.writeString(directory.resolve("hosts-" + id), hosts);
        return List.of("-Djdk.net.hosts.file=" + file);
    }

    @Override
    public List<String> arguments(int id) {
        List<String> arguments = new ArrayList<>();
        arguments.addAll(List.of("--set", "advertised.listener=" + ofClients(id).address()));
        arguments.addAll(List.of("--set", "peer.advertised.listener=broker-" + id + ":" + peerPorts.get(id)));
        return arguments;
    }

    @Override
    public String address(int id, int port) {
        return ofClients(id).address();
    }

    @Override
    public void onStarted(int id, int port) {
        entrances(id).forEach(link -> {
            link.target(port);
            link.accept();
        });
    }

    /** Whoever connects is refused, as by a machine on which nothing listens. */
    @Override
    public void onGone(int id) {
        entrances(id).forEach(LinkProxy::refuse);
    }

    private List<LinkProxy> entrances(int id) {
        List<LinkProxy> entrances = new ArrayList<>(List.of(ofClients(id)));
        peers.forEach((pair, link) -> {
            if (pair.to() == id) {
                entrances.add(link);
            }
        });
        return entrances;
    }

    @Override
    public void close() {
        all().forEach(LinkProxy::close);
    }
}
