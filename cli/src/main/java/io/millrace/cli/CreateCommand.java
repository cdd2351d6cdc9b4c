package io.millrace.cli;

import io.millrace.jms.admin.MillraceAdmin;
import io.millrace.protocol.DestinationName;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code millrace queue create} and {@code millrace topic create}. */
@Command(
        name = "create",
        description = "Creates a queue or topic.",
        footer = {
            "",
            "Examples:",
            "  millrace queue create orders",
            "  millrace queue create orders --replicas 3 --min-insync 2",
            "  millrace topic create prices --partitions 4 --config retention.ms=86400000 --config durability=async"
        })
final class CreateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @ParentCommand
    private DestinationCommand parent;

    @Mixin
    private ClientOptions client;

    @Parameters(paramLabel = "NAME", description = "The name, such as orders.")
    private String name;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            description =
                    "How many partitions; the broker's num.partitions, 1, if not given. Order is kept within one.")
    private @Nullable Integer partitions;

    @Option(
            names = "--replicas",
            paramLabel = "N",
            description = "How many brokers hold each partition; if not given the broker's default.replication.factor,"
                    + " as many as there are, up to three.")
    private @Nullable Integer replicas;

    @Option(
            names = "--min-insync",
            paramLabel = "N",
            description = "How many of them must be in sync for a persistent message to be taken; as --config"
                    + " min.insync.replicas=N.")
    private @Nullable Integer minInSync;

    @Option(names = "--config", paramLabel = "KEY=VALUE", description = "A setting, such as retention.ms=86400000.")
    private Map<String, String> configs = new LinkedHashMap<>();

    @Option(names = "--json", description = "Print what was done as a JSON object.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        DestinationName destination = parent.destination(name, spec);
        if (partitions != null && partitions < 1) {
            throw new ParameterException(spec.commandLine(), "--partitions takes 1 or more, not " + partitions);
        }
        if (replicas != null && (replicas < 1 || replicas > Short.MAX_VALUE)) {
            throw new ParameterException(
                    spec.commandLine(), "--replicas takes 1 to " + Short.MAX_VALUE + ", not " + replicas);
        }
        if (minInSync != null && configs.containsKey("min.insync.replicas")) {
            throw new ParameterException(
                    spec.commandLine(), "--min-insync and --config min.insync.replicas say the same: give one of them");
        }
        if (minInSync != null) {
            configs.put("min.insync.replicas", Integer.toString(minInSync));
        }
        try (MillraceAdmin admin = client.admin()) {
            switch (destination.kind()) {
                case QUEUE -> admin.createQueue(destination.name(), partitions, replicas, configs);
                case TOPIC -> admin.createTopic(destination.name(), partitions, replicas, configs);
            }
        }
        DestinationCommand.report(spec, json, destination, "created");
        return 0;
    }
}
