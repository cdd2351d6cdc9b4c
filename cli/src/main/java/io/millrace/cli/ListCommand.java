package io.millrace.cli;

import io.millrace.jms.admin.DestinationInfo;
import io.millrace.jms.admin.MillraceAdmin;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code millrace queue list} and {@code millrace topic list}. */
@Command(
        name = "list",
        description = "Lists the queues or topics.",
        footer = {"", "Examples:", "  millrace queue list", "  millrace topic list --json"})
final class ListCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @ParentCommand
    private DestinationCommand parent;

    @Mixin
    private ClientOptions client;

    @Option(names = "--json", description = "Print a JSON object a line.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        List<DestinationInfo> destinations;
        try (MillraceAdmin admin = client.admin()) {
            destinations = switch (parent.kind()) {
                case QUEUE -> admin.listQueues();
                case TOPIC -> admin.listTopics();
            };
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            destinations.forEach(destination -> out.println(JsonWriter.write(object(destination))));
        } else {
            print(destinations, out);
        }
        out.flush();
        return 0;
    }

    private static void print(List<DestinationInfo> destinations, PrintWriter out) {
        Table table = new Table("NAME", "PARTITIONS", "KAFKA TOPIC");
        for (DestinationInfo destination : destinations) {
            table.add(destination.name(), destination.partitions(), destination.topicName());
        }
        table.print(out);
    }

    private Map<String, Object> object(DestinationInfo destination) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("kind", parent.kind().word());
        object.put("name", destination.name());
        object.put("partitions", destination.partitions());
        object.put("topic", destination.topicName());
        object.put("topicId", destination.topicId());
        return object;
    }
}
