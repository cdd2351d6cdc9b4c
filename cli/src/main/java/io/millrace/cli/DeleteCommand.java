package io.millrace.cli;

import io.millrace.jms.admin.MillraceAdmin;
import io.millrace.protocol.DestinationName;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code millrace queue delete} and {@code millrace topic delete}. */
@Command(
        name = "delete",
        description = "Deletes a queue or topic with its messages and subscriptions, without asking.",
        footer = {"", "Examples:", "  millrace queue delete orders", "  millrace topic delete prices"})
final class DeleteCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @ParentCommand
    private DestinationCommand parent;

    @Mixin
    private ClientOptions client;

    @Parameters(paramLabel = "NAME", description = "The name, such as orders.")
    private String name;

    @Option(names = "--json", description = "Print what was done as a JSON object.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        DestinationName destination = parent.destination(name, spec);
        try (MillraceAdmin admin = client.admin()) {
            switch (destination.kind()) {
                case QUEUE -> admin.deleteQueue(destination.name());
                case TOPIC -> admin.deleteTopic(destination.name());
            }
        }
        DestinationCommand.report(spec, json, destination, "deleted");
        return 0;
    }
}
