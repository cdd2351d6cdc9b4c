package io.millrace.cli;

import io.millrace.jms.admin.DestinationDescription;
import io.millrace.jms.admin.DestinationInfo;
import io.millrace.jms.admin.MillraceAdmin;
import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace queue} and {@code millrace topic}: the same subcommands for both kinds. */
abstract class DestinationCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli fills it in before run()
    private CommandSpec spec;

    abstract boolean isQueue();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a subcommand is missing: create, list, describe or delete");
    }

    @Command(
            name = "create",
            mixinStandardHelpOptions = true,
            description = "Create one or more.",
            footer = {"", "Example:", "  ${COMMAND-FULL-NAME} orders --partitions 2 --config retention.ms=3600000"})
    int create(
            @Parameters(paramLabel = "NAME", arity = "1..*", description = "The names.") List<String> names,
            @Option(
                            names = "--partitions",
                            paramLabel = "N",
                            description = "How many partitions; by default the broker decides.")
                    @Nullable
                    Integer partitions,
            @Option(
                            names = "--config",
                            paramLabel = "KEY=VALUE",
                            description = "A setting; docs/CONFIGURATION.md lists them. May be given again.")
                    @Nullable
                    Map<String, String> configs,
            @Mixin ConnectionOptions options,
            @Mixin Verbose verbose)
            throws JMSException {
        Logging.forClient(verbose.isOn());
        Map<String, String> settings = configs == null ? Map.of() : configs;
        try (MillraceAdmin admin = options.admin()) {
            for (String name : names) {
                if (isQueue()) {
                    admin.createQueue(name, partitions, settings);
                } else {
                    admin.createTopic(name, partitions, settings);
                }
                System.out.println("created " + word() + ":" + name);
            }
        }
        return 0;
    }

    @Command(
            name = "delete",
            mixinStandardHelpOptions = true,
            description = "Delete one or more with all their messages.",
            footer = {"", "Example:", "  ${COMMAND-FULL-NAME} orders"})
    int delete(
            @Parameters(paramLabel = "NAME", arity = "1..*", description = "The names.") List<String> names,
            @Mixin ConnectionOptions options,
            @Mixin Verbose verbose)
            throws JMSException {
        Logging.forClient(verbose.isOn());
        try (MillraceAdmin admin = options.admin()) {
            for (String name : names) {
                if (isQueue()) {
                    admin.deleteQueue(name);
                } else {
                    admin.deleteTopic(name);
                }
                System.out.println("deleted " + word() + ":" + name);
            }
        }
        return 0;
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "List the names.",
            footer = {"", "Example:", "  ${COMMAND-FULL-NAME} --json"})
    int list(
            @Option(names = "--json", description = "Print JSON.") boolean json,
            @Mixin ConnectionOptions options,
            @Mixin Verbose verbose)
            throws JMSException {
        Logging.forClient(verbose.isOn());
        List<DestinationInfo> infos;
        try (MillraceAdmin admin = options.admin()) {
            infos = isQueue() ? admin.listQueues() : admin.listTopics();
        }
        if (!json) {
            infos.forEach(info -> System.out.println(info.name()));
            return 0;
        }
        List<Map<String, Object>> rows = new ArrayList<>();
        for (DestinationInfo info : infos) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("name", info.name());
            row.put("topic", info.topicName());
            row.put("topicId", info.topicId());
            row.put("partitions", info.partitions());
            rows.add(row);
        }
        System.out.println(JsonText.of(rows));
        return 0;
    }

    @Command(
            name = "describe",
            mixinStandardHelpOptions = true,
            description =
                    "Show what an operator asks first: messages waiting and in flight, consumers, offsets, bytes.",
            footer = {"", "Example:", "  ${COMMAND-FULL-NAME} orders"})
    int describe(
            @Parameters(paramLabel = "NAME", description = "The name.") String name,
            @Option(names = "--json", description = "Print JSON.") boolean json,
            @Mixin ConnectionOptions options,
            @Mixin Verbose verbose)
            throws JMSException {
        Logging.forClient(verbose.isOn());
        DestinationDescription description;
        try (MillraceAdmin admin = options.admin()) {
            description = isQueue() ? admin.describeQueue(name) : admin.describeTopic(name);
        }
        Description text = new Description(description);
        System.out.print(json ? text.json() + System.lineSeparator() : text.plain());
        return 0;
    }

    private String word() {
        return isQueue() ? "queue" : "topic";
    }

    /** {@code millrace queue}. */
    @Command(
            name = "queue",
            mixinStandardHelpOptions = true,
            description = "Create, list, describe and delete queues.",
            footer = {"", "Examples:", "  millrace queue create orders", "  millrace queue describe orders"})
    static final class Queue extends DestinationCommand {
        @Override
        boolean isQueue() {
            return true;
        }
    }

    /** {@code millrace topic}. */
    @Command(
            name = "topic",
            mixinStandardHelpOptions = true,
            description = "Create, list, describe and delete topics.",
            footer = {"", "Examples:", "  millrace topic create prices --partitions 4", "  millrace topic list --json"})
    static final class Topic extends DestinationCommand {
        @Override
        boolean isQueue() {
            return false;
        }
    }
}
