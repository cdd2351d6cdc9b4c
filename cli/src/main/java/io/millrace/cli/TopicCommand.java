package io.millrace.cli;

import io.millrace.protocol.DestinationKind;
import picocli.CommandLine.Command;

/** {@code millrace topic}: what there is of topics. */
@Command(
        name = "topic",
        description = "Creates, lists, describes and deletes topics.",
        subcommands = {CreateCommand.class, ListCommand.class, DescribeCommand.class, DeleteCommand.class},
        footer = {
            "",
            "Examples:",
            "  millrace topic create prices --partitions 4 --config retention.ms=86400000",
            "  millrace topic list",
            "  millrace topic describe prices",
            "  millrace topic delete prices"
        })
final class TopicCommand extends DestinationCommand {
    TopicCommand() {
        super(DestinationKind.TOPIC);
    }
}
