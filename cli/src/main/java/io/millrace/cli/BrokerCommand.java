package io.millrace.cli;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.ConfigFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace broker}: a broker in the foreground, until SIGTERM or Ctrl-C. */
@Command(
        name = "broker",
        description =
                "Runs a broker in the foreground. Prints 'millrace: ready on HOST:PORT' on stdout once it serves; logs"
                        + " to stderr; stops in order at SIGTERM or Ctrl-C.",
        footer = {
            "",
            "Examples:",
            "  millrace broker",
            "  millrace broker --data /var/lib/millrace --listen 0.0.0.0:9092 --config /etc/millrace.properties",
            "  millrace broker --listen 127.0.0.1:0 --set default.durability=async",
            "  millrace broker --zookeeper zk1:2181,zk2:2181,zk3:2181/millrace    one of a cluster"
        })
final class BrokerCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "millrace-data",
            description = "The directory that holds everything; created if there is none. Default: ./millrace-data.")
    private Path data;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "The address to listen on; port 0 picks a free one. Default: 127.0.0.1:9092.")
    private @Nullable String listen;

    @Option(
            names = "--zookeeper",
            paramLabel = "CONNECT",
            description =
                    "The ZooKeeper ensemble of a cluster, HOST:PORT,... and maybe a /PATH to live below. Without it the"
                            + " broker is alone, with a ZooKeeper of its own inside.")
    private @Nullable String zooKeeper;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Settings, one KEY=VALUE a line (docs/CONFIGURATION.md).")
    private @Nullable Path configFile;

    @Option(
            names = {"-D", "--set"},
            paramLabel = "KEY=VALUE",
            description = "A setting; goes before the file's.")
    private Map<String, String> settings = new LinkedHashMap<>();

    @Override
    public Integer call() throws Exception {
        LogSetup.level("INFO");
        BrokerConfig config = config();
        new BrokerRun(spec.commandLine().getOut(), spec.commandLine().getErr()).run(data, config);
        return 0;
    }

    /** The file's settings, over them --set, over them the options of their own. */
    private BrokerConfig config() {
        Map<String, String> all = new TreeMap<>();
        if (configFile != null) {
            all.putAll(ConfigFile.read(configFile));
        }
        all.putAll(settings);
        if (listen != null) {
            all.put(BrokerConfig.LISTEN.name(), listen);
        }
        if (zooKeeper != null) {
            if (zooKeeper.isBlank()) { // an unset variable of a script; a broker of a cluster would start alone
                throw new ParameterException(
                        spec.commandLine(), "--zookeeper is empty; it is HOST:PORT,... of the cluster's ensemble");
            }
            all.put(BrokerConfig.ZOOKEEPER_CONNECT.name(), zooKeeper);
        }
        return BrokerConfig.of(all);
    }
}
