package io.millrace.cli;

import io.millrace.jms.admin.ClusterDescription;
import io.millrace.jms.admin.ClusterDescription.Broker;
import io.millrace.jms.admin.ClusterDescription.Partition;
import io.millrace.jms.admin.MillraceAdmin;
import io.millrace.jms.admin.ReplicasDescription.Follower;
import io.millrace.protocol.DestinationKind;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code millrace cluster}: who lives, who decides, who leads what, and what is not as it should be. */
@Command(
        name = "cluster",
        description = {
            "Shows the cluster as the broker that is asked sees it: brokers, the controller, who leads each partition, who is in"
                    + " sync.",
            "A partition is offline if nobody leads it, under-replicated if a replica is not in sync, and below its"
                    + " minimum if so few are in sync that persistent messages are refused."
        },
        subcommands = {
            ElectCommand.class,
            ReassignCommand.class,
            DrainCommand.class,
            UndrainCommand.class,
            UpgradeCommand.class
        },
        footer = {
            "",
            "Examples:",
            "  millrace cluster",
            "  millrace cluster --problems               only partitions that are not as they should be",
            "  millrace cluster --json",
            "  millrace cluster reassign --all --plan    what would move to spread everything over all brokers",
            "  millrace cluster drain 2 --wait           before maintenance of broker 2",
            "  millrace cluster elect-preferred          after maintenance: let first replicas lead again",
            "  millrace cluster upgrade --status         whether all brokers have a newer build"
        })
final class ClusterCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClientOptions client;

    @Option(names = "--problems", description = "Only partitions that are offline or under-replicated.")
    private boolean problems;

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        ClusterView view;
        try (MillraceAdmin admin = client.admin()) {
            view = ClusterView.withLag(admin, client);
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(JsonWriter.write(object(view)));
        } else {
            print(view, out);
        }
        out.flush();
        return 0;
    }

    private List<Partition> shown(ClusterDescription cluster) {
        return cluster.partitions().stream()
                .filter(partition -> !problems || partition.isOffline() || partition.isUnderReplicated())
                .toList();
    }

    private void print(ClusterView view, PrintWriter out) {
        ClusterDescription cluster = view.cluster();
        out.println("cluster " + cluster.clusterId());
        out.println();
        Table brokers = new Table("BROKER", "ADDRESS", "RACK", "");
        for (Broker broker : cluster.brokers()) {
            String notes = (broker.id() == cluster.controllerId() ? "controller " : "")
                    + (broker.isDraining() ? "draining " : "")
                    + (view.maintenance().contains(broker.id()) ? "in maintenance" : "");
            brokers.add(
                    broker.id(),
                    broker.host() + ":" + broker.port(),
                    broker.rack() == null ? "" : broker.rack(),
                    notes);
        }
        brokers.print(out);
        List<Integer> away = new ArrayList<>(view.maintenance());
        away.removeAll(view.livingIds());
        if (!away.isEmpty()) {
            out.println("in maintenance and not there: " + joined(away)
                    + "; for one that was removed, millrace cluster undrain forgets that");
        }
        out.println();
        out.println(cluster.partitions().size() + " partitions, " + count(cluster, Partition::isOffline)
                + " offline, " + count(cluster, Partition::isUnderReplicated) + " under-replicated, "
                + count(cluster, Partition::isBelowMinInSync) + " below their minimum in sync");
        Table partitions =
                new Table("DESTINATION", "PARTITION", "LEADER", "EPOCH", "REPLICAS", "IN SYNC", "BEHIND", "");
        for (Partition partition : shown(cluster)) {
            partitions.add(
                    kind(partition) + ":" + partition.destination(),
                    partition.index(),
                    partition.isOffline() ? "none" : Integer.toString(partition.leaderId()),
                    partition.leaderEpoch(),
                    joined(partition.replicas()),
                    joined(partition.inSync()),
                    behind(view, partition),
                    notes(view, partition));
        }
        if (!partitions.isEmpty()) {
            out.println();
            partitions.print(out);
        }
    }

    /** The followers that lack something, and how many messages. */
    private static String behind(ClusterView view, Partition partition) {
        return view.followers(partition).stream()
                .filter(follower -> follower.lagMessages() != 0)
                .map(follower -> follower.brokerId() + ":"
                        + (follower.lagMessages() < 0 ? "?" : Long.toString(follower.lagMessages())))
                .collect(Collectors.joining(" "));
    }

    private static String notes(ClusterView view, Partition partition) {
        String moving = view.moving(partition) == null ? "" : "moving to " + joined(view.target(partition));
        if (partition.isOffline()) {
            return moving.isEmpty() ? "offline" : "offline, " + moving;
        }
        return moving.isEmpty() && partition.isUnderReplicated() ? "under-replicated" : moving;
    }

    private Map<String, Object> object(ClusterView view) {
        ClusterDescription cluster = view.cluster();
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("cluster", cluster.clusterId());
        object.put("controller", cluster.controllerId());
        object.put(
                "brokers",
                cluster.brokers().stream().map(ClusterCommand::object).toList());
        object.put("maintenance", view.maintenance());
        object.put("throttleBytesPerSecond", view.catchUpBytesPerSecond());
        object.put("moving", view.moving().size());
        object.put("offline", count(cluster, Partition::isOffline));
        object.put("underReplicated", count(cluster, Partition::isUnderReplicated));
        object.put("belowMinInSync", count(cluster, Partition::isBelowMinInSync));
        object.put(
                "partitions",
                shown(cluster).stream()
                        .map(partition -> object(view, partition))
                        .toList());
        return object;
    }

    private static Map<String, Object> object(Broker broker) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("id", broker.id());
        object.put("host", broker.host());
        object.put("port", broker.port());
        object.put("rack", broker.rack());
        object.put("epoch", broker.epoch());
        object.put("draining", broker.isDraining());
        return object;
    }

    private static Map<String, Object> object(ClusterView view, Partition partition) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("kind", kind(partition));
        object.put("name", partition.destination());
        object.put("partition", partition.index());
        object.put("leader", partition.leaderId());
        object.put("leaderEpoch", partition.leaderEpoch());
        object.put("replicas", partition.replicas());
        object.put("inSync", partition.inSync());
        object.put("minInSync", partition.minInSync());
        object.put("target", view.target(partition));
        object.put(
                "followers",
                view.followers(partition).stream().map(ClusterCommand::object).toList());
        return object;
    }

    private static Map<String, Object> object(Follower follower) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("broker", follower.brokerId());
        object.put("inSync", follower.isInSync());
        object.put("lagMessages", follower.lagMessages());
        object.put("lagBytes", follower.lagBytes());
        return object;
    }

    private static long count(ClusterDescription cluster, java.util.function.Predicate<Partition> problem) {
        return cluster.partitions().stream().filter(problem).count();
    }

    private static String kind(Partition partition) {
        return (partition.isQueue() ? DestinationKind.QUEUE : DestinationKind.TOPIC).word();
    }

    private static String joined(List<Integer> ids) {
        return ids.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
