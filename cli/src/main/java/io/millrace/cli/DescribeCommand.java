package io.millrace.cli;

import io.millrace.jms.admin.ClusterDescription.Broker;
import io.millrace.jms.admin.DestinationDescription;
import io.millrace.jms.admin.MillraceAdmin;
import io.millrace.jms.admin.PartitionDescription;
import io.millrace.protocol.DestinationName;
import jakarta.jms.JMSException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
            description = asLeadersSay(describe(admin, destination), admin, destination);
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

    private static DestinationDescription describe(MillraceAdmin admin, DestinationName destination)
            throws JMSException {
        return switch (destination.kind()) {
            case QUEUE -> admin.describeQueue(destination.name());
            case TOPIC -> admin.describeTopic(destination.name());
        };
    }

    /** Each partition as the broker that leads it knows it; one whose leader does not answer as the first one that was asked does. */
    private DestinationDescription asLeadersSay(
            DestinationDescription seen, MillraceAdmin admin, DestinationName destination)
            throws JMSException, CommandException {
        List<Broker> brokers = admin.describeCluster().brokers();
        if (brokers.size() <= 1) {
            return seen;
        }
        Map<Integer, PartitionDescription> partitions = new TreeMap<>();
        seen.partitions().forEach(partition -> partitions.put(partition.index(), partition));
        for (Broker broker : brokers) {
            if (seen.partitions().stream().noneMatch(partition -> partition.leaderId() == broker.id())) {
                continue;
            }
            for (PartitionDescription partition : asSeenBy(broker, destination)) {
                if (partition.leaderId() == broker.id()) {
                    partitions.put(partition.index(), partition);
                }
            }
        }
        return new DestinationDescription(
                seen.isQueue(),
                seen.name(),
                seen.topicName(),
                seen.topicId(),
                seen.configs(),
                List.copyOf(partitions.values()));
    }

    private List<PartitionDescription> asSeenBy(Broker broker, DestinationName destination) throws CommandException {
        try (MillraceAdmin admin = client.admin(broker)) {
            return describe(admin, destination).partitions();
        } catch (JMSException e) {
            return List.of(); // it is gone, and another leads soon
        }
    }
}
