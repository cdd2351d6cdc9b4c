package io.millrace.cli;

import io.millrace.protocol.DestinationKind;
import picocli.CommandLine.Command;

/** {@code millrace queue}: what there is of queues. */
@Command(
        name = "queue",
        description = "Creates, lists, describes and deletes queues.",
        subcommands = {CreateCommand.class, ListCommand.class, DescribeCommand.class, DeleteCommand.class},
        footer = {
            "",
            "Examples:",
            "  millrace queue create orders --partitions 4 --config retention.ms=86400000",
            "  millrace queue list",
            "  millrace queue describe orders",
            "  millrace queue delete orders"
        })
final class QueueCommand extends DestinationCommand {
    QueueCommand() {
        super(DestinationKind.QUEUE);
    }
}
