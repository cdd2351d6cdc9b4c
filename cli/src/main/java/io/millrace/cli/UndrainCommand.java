package io.millrace.cli;

import io.millrace.jms.admin.MillraceAdmin;
import io.millrace.protocol.ErrorCode;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace cluster undrain}. */
@Command(
        name = "undrain",
        description =
                "Ends a broker's maintenance: it may be elected again. 'elect-preferred' gives it back what it led.",
        footer = {"", "Examples:", "  millrace cluster undrain 2"})
final class UndrainCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClientOptions client;

    @Parameters(paramLabel = "BROKER", description = "The broker's id.")
    private int broker;

    @Option(names = "--json", description = "Print what was done as a JSON object.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        boolean wasInMaintenance;
        try (MillraceAdmin admin = client.admin()) {
            ClusterView view = ClusterView.of(admin);
            wasInMaintenance = view.maintenance().contains(broker);
            if (!wasInMaintenance && !view.livingIds().contains(broker)) {
                throw CommandException.failed(
                        ErrorCode.BROKER_ID_NOT_REGISTERED,
                        "there is no broker " + broker + "; those that live are " + view.livingIds()
                                + ", those in maintenance " + view.maintenance());
            }
            admin.setMaintenance(broker, false);
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? JsonWriter.write(Map.of("broker", broker, "state", "serving")) : words(wasInMaintenance));
        out.flush();
        return 0;
    }

    private String words(boolean wasInMaintenance) {
        return "broker " + broker
                + (wasInMaintenance
                        ? " may lead again; millrace cluster elect-preferred lets first replicas lead"
                        : " was not in maintenance");
    }
}
