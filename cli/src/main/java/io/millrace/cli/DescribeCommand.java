package io.millrace.cli;

import io.millrace.jms.admin.DestinationDescription;
import io.millrace.jms.admin.MillraceAdmin;
import io.millrace.protocol.DestinationName;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code millrace queue describe} and {@code millrace topic describe}. */
@Command(
        name = "describe",
        description =
                "Shows what an operator asks first: messages waiting and in flight, consumers, bytes, partitions with"
                        + " their offsets, subscriptions.",
        footer = {"", "Examples:", "  millrace queue describe orders", "  millrace topic describe prices --json"})
final class DescribeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @ParentCommand
    private DestinationCommand parent;

    @Mixin
    private ClientOptions client;

    @Parameters(paramLabel = "NAME", description = "The name, such as orders.")
    private String name;

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        DestinationName destination = parent.destination(name, spec);
        DestinationDescription description;
        try (MillraceAdmin admin = client.admin()) {
            description = switch (destination.kind()) {
                case QUEUE -> admin.describeQueue(destination.name());
                case TOPIC -> admin.describeTopic(destination.name());
            };
        }
        PrintWriter out = spec.commandLine().getOut();
        DescriptionPrinter printer = new DescriptionPrinter(destination, description);
        if (json) {
            out.println(JsonWriter.write(printer.object()));
        } else {
            printer.print(out);
        }
        out.flush();
        return 0;
    }
}
