package io.millrace.cli;

import io.millrace.jms.admin.ClusterDescription.Broker;
import io.millrace.jms.admin.ClusterDescription.Partition;
import io.millrace.jms.admin.MillraceAdmin;
import io.millrace.jms.admin.Reassignment;
import io.millrace.protocol.ErrorCode;
import jakarta.jms.JMSException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace cluster drain}: takes leaderships away from a broker, and its replicas too if it is to be removed. */
@Command(
        name = "drain",
        description = {
            "Puts a broker into maintenance: others lead what it leads, and it is not elected again, and gets new replicas last,"
                    + " until 'undrain'. Its replicas stay in sync.",
            "With --replicas its replicas are moved to the other brokers, too: then it can be removed for good."
        },
        footer = {
            "",
            "Examples:",
            "  millrace cluster drain 2 --wait               before maintenance: stop it when this returns",
            "  millrace cluster undrain 2                    after it",
            "  millrace cluster drain 2 --replicas --plan    what would move if broker 2 went",
            "  millrace cluster drain 2 --replicas --wait    before it is removed"
        })
final class DrainCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClientOptions client;

    @Parameters(paramLabel = "BROKER", description = "The broker's id.")
    private int broker;

    @ArgGroup(exclusive = true)
    private Extent extent = new Extent();

    /** What is taken away. */
    static final class Extent {
        @SuppressWarnings("UnusedVariable") // it is what is done anyway, and can be said
        @Option(names = "--leaders-only", description = "Only leaderships; this is the default.")
        private boolean leadersOnly;

        @Option(names = "--replicas", description = "Leaderships and replicas.")
        private boolean replicas;
    }

    @Option(names = "--plan", description = "Only print what would be done.")
    private boolean plan;

    @Option(names = "--wait", description = "Return when it is done.")
    private boolean wait;

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        try (MillraceAdmin admin = client.admin()) {
            ClusterView view = ClusterView.of(admin);
            List<Partition> held = view.cluster().partitions().stream()
                    .filter(partition -> view.target(partition).contains(broker))
                    .toList();
            if (!view.livingIds().contains(broker) && held.isEmpty()) {
                throw CommandException.failed(
                        ErrorCode.BROKER_ID_NOT_REGISTERED,
                        "there is no broker " + broker + "; those that live are " + view.livingIds());
            }
            List<Reassignment> moves = extent.replicas ? moves(view, held) : List.of();
            ReassignmentPrinter printer = new ReassignmentPrinter(out, json);
            if (plan) {
                printPlan(printer, view, moves, out);
                return 0;
            }
            boolean was = view.maintenance().contains(broker);
            new MoveOrder(new Maintenance(admin, broker, was), admin::alterReplicas).give(moves);
            return wait ? await(out) : begun(moves, out);
        }
    }

    /** The broker's maintenance, so that it gets no new replicas while those that it has move away. */
    private record Maintenance(MillraceAdmin admin, int broker, boolean was) implements MoveOrder.Setting {
        @Override
        public void make() throws JMSException {
            admin.setMaintenance(broker, true);
        }

        @Override
        public void takeBack() throws JMSException {
            admin.setMaintenance(broker, was);
        }

        @Override
        public String stays() {
            return ", and broker " + broker + " is in maintenance; millrace cluster undrain " + broker + " ends that";
        }
    }

    private List<Reassignment> moves(ClusterView view, List<Partition> held) throws CommandException {
        List<Broker> others = view.cluster().brokers().stream()
                .filter(one -> one.id() != broker
                        && !one.isDraining()
                        && !view.maintenance().contains(one.id()))
                .toList();
        try {
            return Spreading.of(view, held, others, 0);
        } catch (CommandException e) {
            throw CommandException.failed(
                    ErrorCode.INVALID_REPLICATION_FACTOR,
                    "the other brokers can not hold what broker " + broker + " holds: "
                            + e.getMessage() + "; add a broker, or lower the number of replicas first (cluster reassign"
                            + " --replicas)");
        }
    }

    private void printPlan(ReassignmentPrinter printer, ClusterView view, List<Reassignment> moves, PrintWriter out) {
        if (!json && !extent.replicas) {
            out.println("broker " + broker + " leads " + led(view) + " partitions, of which others could lead "
                    + movable(view));
            out.flush();
            return;
        }
        printer.moves(view, moves, true, false, null);
    }

    private int begun(List<Reassignment> moves, PrintWriter out) {
        print(
                out,
                "begun",
                moves.isEmpty()
                        ? "broker " + broker + " is in maintenance"
                        : "broker " + broker + " is in maintenance, and " + moves.size()
                                + " partitions move away; millrace cluster reassign --status shows how far they are");
        return 0;
    }

    private int await(PrintWriter out) throws Exception {
        Movement movement = new Movement(client, spec.commandLine().getErr());
        if (extent.replicas) {
            movement.await(this::held, "partitions");
            print(
                    out,
                    "done",
                    "broker " + broker + " holds nothing any more: it can be stopped for good;"
                            + " millrace cluster undrain " + broker + " forgets it then");
            return 0;
        }
        movement.await(this::movable, "leaderships");
        try (MillraceAdmin admin = client.admin()) {
            checkLeadsNothing(ClusterView.of(admin));
        }
        print(
                out,
                "done",
                "broker " + broker + " leads nothing: it can be stopped; millrace cluster undrain " + broker
                        + " lets it lead again");
        return 0;
    }

    private void checkLeadsNothing(ClusterView view) throws CommandException {
        int alone = 0;
        for (Partition partition : view.cluster().partitions()) {
            if (partition.leaderId() == broker && others(view, partition).isEmpty()) {
                alone++;
            }
        }
        if (alone > 0) {
            throw CommandException.failed(
                    ErrorCode.NOT_ENOUGH_REPLICAS,
                    "broker " + broker + " still leads " + alone
                            + " partitions of which no other replica is in sync: they are offline while it is stopped");
        }
        int led = led(view);
        if (led > 0) {
            throw CommandException.failed(
                    ErrorCode.NOT_ENOUGH_REPLICAS,
                    "broker " + broker + " still leads " + led
                            + " partitions of which the other replicas in sync are in maintenance, too: those in maintenance are "
                            + view.maintenance() + "; undrain one, or stop it, and they lead after all");
        }
    }

    private int held(ClusterView view) {
        return (int) view.cluster().partitions().stream()
                .filter(partition -> partition.replicas().contains(broker))
                .count();
    }

    private int led(ClusterView view) {
        return (int) view.cluster().partitions().stream()
                .filter(partition -> partition.leaderId() == broker)
                .count();
    }

    /** How many it leads that another can. */
    private int movable(ClusterView view) {
        return (int) view.cluster().partitions().stream()
                .filter(partition ->
                        partition.leaderId() == broker && !view.maintenance().containsAll(others(view, partition)))
                .count();
    }

    /** Those that live and are in sync beside it. */
    private List<Integer> others(ClusterView view, Partition partition) {
        return partition.inSync().stream()
                .filter(id -> id != broker && view.livingIds().contains(id))
                .toList();
    }

    private void print(PrintWriter out, String state, String line) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("broker", broker);
        object.put("state", state);
        out.println(json ? JsonWriter.write(object) : line);
        out.flush();
    }
}
