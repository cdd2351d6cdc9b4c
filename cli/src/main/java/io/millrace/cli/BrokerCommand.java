package io.millrace.cli;

import io.millrace.broker.Broker;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.ConfigFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace broker}: a broker in the foreground until a signal comes. */
@Command(
        name = "broker",
        mixinStandardHelpOptions = true,
        description = "Start a broker in the foreground. SIGTERM and Ctrl-C stop it cleanly.",
        footer = {
            "",
            "Examples:",
            "  millrace broker",
            "  millrace broker --data /var/lib/millrace --listen 0.0.0.0:9092 --config millrace.properties",
            "  millrace broker --set default.durability=async --set user.app.password=secret",
            "",
            "docs/CONFIGURATION.md lists the settings. When it serves it prints: millrace: ready on HOST:PORT"
        })
final class BrokerCommand implements Callable<Integer> {
    /** Below the 5 s that are promised, with room for the JVM. */
    private static final Duration PATIENCE = Duration.ofMillis(4700);

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Where the data is kept; by default ${DEFAULT-VALUE}.",
            defaultValue = "./millrace-data")
    private Path data = Path.of("millrace-data");

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "Where to listen; port 0 picks a free one. By default 127.0.0.1:9092.")
    private @Nullable String listen;

    @Option(
            names = "--zookeeper",
            paramLabel = "HOST:PORT,...",
            description = "A ZooKeeper ensemble; by default the broker has its own inside. Not in this version.")
    private @Nullable String zookeeper;

    @Option(names = "--config", paramLabel = "FILE", description = "A file of settings, KEY=VALUE a line.")
    private @Nullable Path config;

    @Option(
            names = {"-D", "--set"},
            paramLabel = "KEY=VALUE",
            description = "A setting, over the file's.")
    private Map<String, String> settings = new LinkedHashMap<>();

    @Mixin
    private Verbose verbose = new Verbose();

    private final CountDownLatch stop = new CountDownLatch(1);

    @Override
    public Integer call() throws InterruptedException {
        Shutdown shutdown = Shutdown.install(stop::countDown, PATIENCE);
        try {
            return shutdown.finished(serve(shutdown));
        } catch (RuntimeException | Error e) {
            shutdown.finished(1);
            throw e;
        }
    }

    private int serve(Shutdown shutdown) throws InterruptedException {
        Logging.forBroker(verbose.isOn());
        AtomicReference<@Nullable String> failure = new AtomicReference<>();
        Broker broker = Broker.start(data, BrokerConfig.of(effective()), why -> {
            failure.set(why);
            stop.countDown();
        });
        try (broker) {
            if (!shutdown.isAsked()) {
                System.out.println("millrace: ready on " + broker.address());
                System.out.flush();
            }
            stop.await();
        }
        String why = failure.get();
        if (why != null) {
            System.err.println("millrace: stopped: " + why);
            return 1;
        }
        return 0;
    }

    /** The file's settings, over them --set, over them the options of their own. */
    private Map<String, String> effective() {
        Map<String, String> effective = new TreeMap<>();
        if (config != null) {
            effective.putAll(ConfigFile.read(config));
        }
        effective.putAll(settings);
        if (listen != null) {
            effective.put(BrokerConfig.LISTEN.name(), listen);
        }
        if (zookeeper != null) {
            effective.put(BrokerConfig.ZOOKEEPER_CONNECT.name(), zookeeper);
        }
        return effective;
    }
}
