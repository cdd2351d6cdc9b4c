package io.millrace.cli;

import io.millrace.jms.admin.FormatLevels;
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
import picocli.CommandLine.Spec;

/** {@code millrace cluster upgrade}. */
@Command(
        name = "upgrade",
        description = {
            "Raises the format level at which the cluster writes, the last step of an upgrade: after every broker was restarted with"
                    + " the new build. Until then each may go back to the old one.",
            "It is refused while a broker does not support the level, and never goes back: from then on earlier builds do not"
                    + " start in this cluster."
        },
        footer = {
            "",
            "Examples:",
            "  millrace cluster upgrade --status         at which level it is, and what each broker supports",
            "  millrace cluster upgrade                  to the newest that all brokers support",
            "  millrace cluster upgrade --level 2"
        })
final class UpgradeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClientOptions client;

    @Option(names = "--status", description = "Only show the level and what each broker supports.")
    private boolean status;

    @Option(
            names = "--level",
            paramLabel = "N",
            description = "To which level; by default the newest that all support.")
    private Integer level;

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        if (status && level != null) {
            throw CommandException.usage("--status shows the level, --level raises it: give one of them");
        }
        if (level != null && level < 1) {
            throw CommandException.usage("--level " + level + ": levels begin at 1");
        }
        FormatLevels levels;
        try (MillraceAdmin admin = client.admin()) {
            levels = status
                    ? admin.describeFormatLevels()
                    : level == null ? admin.raiseFormatLevel() : admin.raiseFormatLevel(level);
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(JsonWriter.write(object(levels)));
        } else {
            print(levels, out);
        }
        out.flush();
        return 0;
    }

    private static void print(FormatLevels levels, PrintWriter out) {
        out.println("format level " + levels.level() + summary(levels));
        out.println();
        Table brokers = new Table("BROKER", "BUILD", "LEVELS", "PROTOCOL BETWEEN BROKERS");
        for (FormatLevels.Broker broker : levels.brokers()) {
            brokers.add(
                    broker.id(),
                    broker.softwareVersion(),
                    range(broker.oldestLevel(), broker.newestLevel()),
                    range(broker.oldestPeerProtocol(), broker.newestPeerProtocol()));
        }
        brokers.print(out);
    }

    private static String summary(FormatLevels levels) {
        if (levels.raising() > levels.level()) {
            return ", being raised to " + levels.raising();
        }
        return levels.newestOfAll() > levels.level()
                ? "; all brokers support " + levels.newestOfAll()
                : ", the newest that all brokers support";
    }

    private static String range(int oldest, int newest) {
        return oldest == newest ? Integer.toString(oldest) : oldest + " to " + newest;
    }

    private static Map<String, Object> object(FormatLevels levels) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("level", levels.level());
        object.put("raising", levels.raising());
        object.put("newestOfAll", levels.newestOfAll());
        object.put(
                "brokers", levels.brokers().stream().map(UpgradeCommand::object).toList());
        return object;
    }

    private static Map<String, Object> object(FormatLevels.Broker broker) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("id", broker.id());
        object.put("build", broker.softwareVersion());
        object.put("levels", List.of(broker.oldestLevel(), broker.newestLevel()));
        object.put("peerProtocol", List.of(broker.oldestPeerProtocol(), broker.newestPeerProtocol()));
        return object;
    }
}
