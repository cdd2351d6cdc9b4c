package io.millrace.broker.zookeeper;

import io.millrace.broker.config.ConfigException;
import io.millrace.broker.config.HostPort;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.common.PathUtils;

/**
 * A ZooKeeper ensemble outside of the broker, and how it is used. Immutable.
 *
 * @param servers HOST:PORT,...
 * @param chroot the path below which everything is, or an empty string
 * @param credentials USER:PASSWORD, or an empty string
 */
public record Ensemble(String servers, String chroot, int sessionTimeoutMs, String credentials) {
    /** Of a session's time, so that another server is tried before the session is over. */
    private static final int CONNECTIONS_PER_SESSION = 2;

    /**
     * The ensemble of a connect string.
     *
     * @throws ConfigException if it is not one
     */
    public static Ensemble of(String connect, int sessionTimeoutMs, String credentials) {
        int slash = connect.indexOf('/');
        String servers = slash < 0 ? connect : connect.substring(0, slash);
        String chroot = slash < 0 ? "" : connect.substring(slash);
        if (chroot.endsWith("/")) {
            chroot = chroot.substring(0, chroot.length() - 1);
        }
        try {
            for (String server : servers.split(",", -1)) {
                HostPort unused = HostPort.parse(server.strip());
            }
            if (!chroot.isEmpty()) {
                PathUtils.validatePath(chroot);
            }
        } catch (IllegalArgumentException e) {
            throw new ConfigException(
                    "the ZooKeeper ensemble '" + connect + "' is not HOST:PORT,HOST:PORT/PATH: " + e.getMessage());
        }
        return new Ensemble(servers, chroot, sessionTimeoutMs, credentials);
    }

    /** Those of its hosts that no name server knows now. */
    List<String> unknownHosts() {
        List<String> unknown = new ArrayList<>();
        for (String server : servers.split(",", -1)) {
            String host = HostPort.parse(server.strip()).host();
            try {
                InetAddress unused = InetAddress.getByName(host);
            } catch (UnknownHostException e) {
                unknown.add(host);
            }
        }
        return unknown;
    }

    CuratorFramework client(String connect) {
        return ZooKeeperMetadataStore.client(
                connect,
                sessionTimeoutMs,
                Math.max(1, sessionTimeoutMs / CONNECTIONS_PER_SESSION),
                credentials.getBytes(StandardCharsets.UTF_8));
    }

    /** Passwords do not belong into logs. */
    @Override
    public String toString() {
        return servers + chroot;
    }
}
