package io.millrace.cli;

import io.millrace.jms.admin.MillraceAdmin;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code millrace cluster elect-preferred}. */
@Command(
        name = "elect-preferred",
        description =
                "Asks the controller to let the first replica of each partition lead it, where that one is in sync.",
        footer = {"", "Examples:", "  millrace cluster elect-preferred"})
final class ElectCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClientOptions client;

    @Option(names = "--json", description = "Print what was done as a JSON object.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        try (MillraceAdmin admin = client.admin()) {
            admin.electPreferredLeaders();
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? JsonWriter.write(Map.of("asked", true)) : "asked the controller for preferred leaders");
        out.flush();
        return 0;
    }
}
