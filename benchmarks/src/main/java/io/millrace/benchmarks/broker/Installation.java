package io.millrace.benchmarks.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Where the programs are: the checkout, the benchmarks' own jars, and the jars of each peer, as benchmarks/run laid them out. */
public record Installation(Path root, Path ownJars, Path peers) {

    public Path millraceCommand() {
        return root.resolve("bin").resolve("millrace");
    }

    /** ZooKeeper is among the jars of Millrace's brokers, which the first call of {@link #millraceCommand} laid out. */
    String zooKeeperClassPath() throws IOException {
        return ownJar("millrace-benchmarks-") + ":" + root.resolve("cli/target/quick/millrace/lib") + "/*";
    }

    /** The class path of a process of a broker or of a client of it. Only what all share stands before the broker's own jars. */
    public String classPath(BrokerKind kind) throws IOException {
        Path libraries =
                switch (kind) {
                    case MILLRACE -> ownJars;
                    case ARTEMIS, KAFKA -> peers.resolve(kind.lowerCase());
                };
        return ownJar("millrace-benchmarks-")
                + ":" + ownJar("HdrHistogram-")
                + ":" + ownJar("jakarta.jms-api-")
                + ":" + libraries + "/*";
    }

    /** What stands for the broker's version: the version in the name of its jar, or empty. */
    public String versionOf(BrokerKind kind) throws IOException {
        return switch (kind) {
            case MILLRACE -> version(ownJars, "millrace-jms-client-").replace("-plain", "");
            case ARTEMIS -> version(peers.resolve("artemis"), "artemis-server-");
            case KAFKA -> version(peers.resolve("kafka"), "kafka_2.13-");
        };
    }

    public static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    public static String jcmd() {
        return Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    }

    private Path ownJar(String prefix) throws IOException {
        List<Path> jars = jars(ownJars, prefix);
        if (jars.size() != 1) {
            throw new IOException("expected one " + prefix + "*.jar in " + ownJars + ", found " + jars);
        }
        return jars.get(0);
    }

    private static String version(Path directory, String prefix) throws IOException {
        List<Path> jars = jars(directory, prefix);
        if (jars.isEmpty()) {
            return "";
        }
        String name = String.valueOf(jars.get(0).getFileName());
        return name.substring(prefix.length(), name.length() - ".jar".length());
    }

    private static List<Path> jars(Path directory, String prefix) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> {
                        String name = String.valueOf(file.getFileName());
                        return name.startsWith(prefix) && name.endsWith(".jar");
                    })
                    .sorted()
                    .toList();
        }
    }
}
