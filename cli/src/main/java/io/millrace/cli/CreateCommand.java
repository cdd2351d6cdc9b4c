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
        try (MillraceAdmin admin = client.admin()) {
            switch (destination.kind()) {
                case QUEUE -> admin.createQueue(destination.name(), partitions, configs);
                case TOPIC -> admin.createTopic(destination.name(), partitions, configs);
            }
        }
        DestinationCommand.report(spec, json, destination, "created");
        return 0;
    }
}
