package io.millrace.cli;

import io.millrace.jms.admin.ClusterDescription.Broker;
import io.millrace.jms.admin.ClusterDescription.Partition;
import io.millrace.jms.admin.MillraceAdmin;
import io.millrace.jms.admin.Reassignment;
import io.millrace.jms.admin.ReplicasDescription.Moving;
import io.millrace.protocol.DestinationKind;
import io.millrace.protocol.DestinationName;
import io.millrace.protocol.ErrorCode;
import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code millrace cluster reassign}: moves replicas to other brokers. */
@Command(
        name = "reassign",
        description = {
            "Moves replicas to other brokers while everything goes on: the new ones are filled first, and the old ones go when all"
                    + " that are to hold a partition are in sync.",
            "New brokers get nothing by themselves: 'reassign --all' spreads what there is over all brokers, with as few moves as"
                    + " that takes, and not two replicas of a partition into one rack while there is a rack without."
        },
        footer = {
            "",
            "Examples:",
            "  millrace cluster reassign --all --plan                   what would move",
            "  millrace cluster reassign --all --wait                   spread everything over all brokers",
            "  millrace cluster reassign queue:orders --brokers 1,2,3   put a queue on those brokers",
            "  millrace cluster reassign topic:prices --replicas 3      change how many replicas it has",
            "  millrace cluster reassign --throttle 10MiB/s             how fast leaders fill replicas; none ends it",
            "  millrace cluster reassign --status",
            "  millrace cluster reassign --cancel --all"
        })
final class ReassignCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClientOptions client;

    @Parameters(
            paramLabel = "DESTINATION",
            arity = "0..*",
            description = "Queues and topics: orders, queue:orders or topic:prices.")
    private List<String> words = List.of(); // converted by hand: picocli calls one that it can not convert unmatched

    private List<DestinationName> destinations = List.of();

    @Option(names = "--all", description = "All destinations, and what the brokers keep for consumer groups.")
    private boolean all;

    @Option(
            names = "--brokers",
            paramLabel = "ID",
            split = ",",
            description = "The brokers to be on. Default: all that live and are not in maintenance.")
    private @Nullable List<Integer> brokers;

    @Option(names = "--replicas", paramLabel = "N", description = "How many replicas each partition is to have.")
    private @Nullable Integer replicas;

    @Option(
            names = "--throttle",
            paramLabel = "RATE",
            converter = RateConverter.class,
            description =
                    "How much each leading broker sends to replicas that are not in sync, such as 10MiB/s; none for as"
                            + " much as it can. It holds for the cluster until it is changed. Replicas in sync are never throttled.")
    private @Nullable Long throttle;

    @Option(names = "--plan", description = "Only print what would move.")
    private boolean plan;

    @Option(names = "--wait", description = "Return when everything has arrived.")
    private boolean wait;

    @Option(names = "--status", description = "Show what moves, and how much is left.")
    private boolean status;

    @Option(names = "--cancel", description = "Let what moves go back to where it was.")
    private boolean cancel;

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        destinations = destinations();
        check();
        ReassignmentPrinter printer = new ReassignmentPrinter(spec.commandLine().getOut(), json);
        try (MillraceAdmin admin = client.admin()) {
            if (status) {
                printer.status(ClusterView.withLag(admin, client));
                return 0;
            }
            ClusterView view = ClusterView.of(admin);
            List<Reassignment> wanted = cancel ? cancelled(view) : moves(view);
            if (!plan) {
                Throttle setting = new Throttle(admin, throttle, view.catchUpBytesPerSecond());
                new MoveOrder(setting, admin::alterReplicas).give(wanted);
            }
            if (wait && !plan) {
                awaitArrival(wanted);
            }
            printer.moves(view, wanted, plan, cancel, throttle);
        }
        return 0;
    }

    /** The throttle, where one was given. */
    private record Throttle(MillraceAdmin admin, @Nullable Long wanted, long before) implements MoveOrder.Setting {
        @Override
        public void make() throws JMSException {
            if (wanted != null) {
                admin.throttleCatchUp(wanted);
            }
        }

        @Override
        public void takeBack() throws JMSException {
            if (wanted != null) {
                admin.throttleCatchUp(before);
            }
        }

        @Override
        public String stays() {
            return wanted == null ? "" : "; throttle: " + RateConverter.words(wanted);
        }
    }

    private List<DestinationName> destinations() {
        try {
            return words.stream().map(new DestinationConverter()::convert).toList();
        } catch (TypeConversionException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
        }
    }

    private void check() throws CommandException {
        boolean isChosen = all || !destinations.isEmpty();
        boolean isShaped = replicas != null || brokers != null;
        if (status && (cancel || plan || wait || isChosen || isShaped || throttle != null)) {
            throw CommandException.usage("--status goes with nothing else");
        }
        if (all && !destinations.isEmpty()) {
            throw CommandException.usage("name destinations, or say --all");
        }
        if (!status && !isChosen && (throttle == null || cancel || plan || wait || isShaped)) {
            throw CommandException.usage("name destinations such as queue:orders, or say --all");
        }
        if (replicas != null && replicas < 1) {
            throw CommandException.usage("--replicas " + replicas + ": a partition has one replica or more");
        }
        if (cancel && isShaped) {
            throw CommandException.usage(
                    "--cancel goes back to where it was; --brokers and --replicas say nothing there");
        }
    }

    private List<Reassignment> cancelled(ClusterView view) throws CommandException {
        List<Reassignment> wanted = new ArrayList<>();
        for (Partition partition : chosen(view)) {
            if (view.moving(partition) != null) {
                wanted.add(new Reassignment(partition.isQueue(), partition.destination(), partition.index(), null));
            }
        }
        return wanted;
    }

    private List<Reassignment> moves(ClusterView view) throws CommandException {
        List<Partition> chosen = chosen(view);
        checkBrokers(view);
        List<Broker> allowed = new ArrayList<>();
        for (Broker broker : view.cluster().brokers()) {
            boolean isWanted = brokers == null
                    ? !broker.isDraining() && !view.maintenance().contains(broker.id())
                    : brokers.contains(broker.id());
            if (isWanted) {
                allowed.add(broker);
            }
        }
        return Spreading.of(view, chosen, allowed, replicas == null ? 0 : replicas);
    }

    private void checkBrokers(ClusterView view) throws CommandException {
        List<Integer> named = brokers == null ? List.of() : brokers;
        if (Set.copyOf(named).size() < named.size()) {
            throw CommandException.usage("--brokers " + named + " names a broker twice");
        }
        List<Integer> unknown =
                named.stream().filter(id -> !view.livingIds().contains(id)).toList();
        if (!unknown.isEmpty()) {
            throw CommandException.failed(
                    ErrorCode.BROKER_ID_NOT_REGISTERED,
                    "--brokers: " + unknown + " do not live; the brokers that live are " + view.livingIds());
        }
    }

    private List<Partition> chosen(ClusterView view) throws CommandException {
        for (DestinationName name : destinations) {
            if (view.cluster().partitions().stream().noneMatch(partition -> isOf(partition, name))) {
                throw CommandException.failed(ErrorCode.INVALID_DESTINATION, "there is no " + name);
            }
        }
        return view.cluster().partitions().stream()
                .filter(partition -> all || destinations.stream().anyMatch(name -> isOf(partition, name)))
                .toList();
    }

    private static boolean isOf(Partition partition, DestinationName name) {
        return partition.isQueue() == (name.kind() == DestinationKind.QUEUE)
                && partition.destination().equals(name.name());
    }

    private void awaitArrival(List<Reassignment> wanted) throws Exception {
        new Movement(client, spec.commandLine().getErr())
                .await(
                        view -> (int) view.moving().stream()
                                .filter(move -> wanted.stream().anyMatch(one -> isOf(move, one)))
                                .count(),
                        "partitions");
    }

    private static boolean isOf(Moving move, Reassignment wanted) {
        return move.isQueue() == wanted.isQueue()
                && move.index() == wanted.index()
                && move.destination().equals(wanted.destination());
    }
}
