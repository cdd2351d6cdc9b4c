package io.millrace.cli;

import io.millrace.jms.admin.ClusterDescription.Partition;
import io.millrace.jms.admin.Reassignment;
import io.millrace.jms.admin.ReplicasDescription.Follower;
import io.millrace.jms.admin.ReplicasDescription.Moving;
import io.millrace.protocol.DestinationKind;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Prints what moves, as tables or as JSON. */
final class ReassignmentPrinter {
    private final PrintWriter out;
    private final boolean json;

    ReassignmentPrinter(PrintWriter out, boolean json) {
        this.out = out;
        this.json = json;
    }

    /** What moves now. */
    void status(ClusterView view) {
        if (json) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("throttleBytesPerSecond", view.catchUpBytesPerSecond());
            object.put("maintenance", view.maintenance());
            object.put("bytesLeft", view.bytesLeft());
            object.put(
                    "moving",
                    view.cluster().partitions().stream()
                            .filter(partition -> view.moving(partition) != null)
                            .map(partition -> object(view, partition))
                            .toList());
            print(object);
            return;
        }
        out.println(view.moving().size() + " partitions move, about " + RateConverter.bytes(view.bytesLeft())
                + " to send; throttle: " + RateConverter.words(view.catchUpBytesPerSecond()));
        Table table = new Table("DESTINATION", "PARTITION", "REPLICAS", "ADDING", "REMOVING", "IN SYNC", "LEFT");
        for (Partition partition : view.cluster().partitions()) {
            Moving move = view.moving(partition);
            if (move != null) {
                table.add(
                        name(partition.isQueue(), partition.destination()),
                        partition.index(),
                        joined(move.replicas()),
                        joined(move.adding()),
                        joined(move.removing()),
                        joined(partition.inSync()),
                        RateConverter.bytes(left(view, partition, move)));
            }
        }
        if (!table.isEmpty()) {
            out.println();
            table.print(out);
        }
        out.flush();
    }

    private static long left(ClusterView view, Partition partition, Moving move) {
        return view.followers(partition).stream()
                .filter(follower -> move.adding().contains(follower.brokerId()))
                .mapToLong(Follower::lagBytes)
                .sum();
    }

    private static Map<String, Object> object(ClusterView view, Partition partition) {
        Moving move = Objects.requireNonNull(view.moving(partition));
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("kind", kind(partition.isQueue()));
        object.put("name", partition.destination());
        object.put("partition", partition.index());
        object.put("replicas", move.replicas());
        object.put("adding", move.adding());
        object.put("removing", move.removing());
        object.put("inSync", partition.inSync());
        object.put("bytesLeft", left(view, partition, move));
        return object;
    }

    /** What a command has moved, or would. */
    void moves(
            ClusterView view, List<Reassignment> moves, boolean isPlan, boolean isCancelled, @Nullable Long throttle) {
        if (json) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("plan", isPlan);
            object.put("moves", moves.stream().map(move -> object(view, move)).toList());
            print(object);
            return;
        }
        if (throttle != null && !isPlan) {
            out.println("throttle: " + RateConverter.words(throttle));
        }
        if (moves.isEmpty()) {
            if (throttle == null) {
                out.println(isCancelled ? "nothing moves" : "everything is where it is to be");
            }
            out.flush();
            return;
        }
        Table table = new Table("DESTINATION", "PARTITION", "FROM", "TO");
        for (Reassignment move : moves) {
            table.add(
                    name(move.isQueue(), move.destination()),
                    move.index(),
                    joined(present(view, move)),
                    joined(target(view, move)));
        }
        table.print(out);
        out.println(
                moves.size() + (isPlan ? " partitions would move" : isCancelled ? " go back" : " partitions moved"));
        out.flush();
    }

    private static Map<String, Object> object(ClusterView view, Reassignment move) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("kind", kind(move.isQueue()));
        object.put("name", move.destination());
        object.put("partition", move.index());
        object.put("from", present(view, move));
        object.put("to", target(view, move));
        return object;
    }

    private static List<Integer> present(ClusterView view, Reassignment move) {
        return partition(view, move).replicas();
    }

    private static List<Integer> target(ClusterView view, Reassignment move) {
        List<Integer> replicas = move.replicas();
        if (replicas != null) {
            return replicas;
        }
        Moving moving = view.moving(partition(view, move));
        List<Integer> back = new ArrayList<>(partition(view, move).replicas());
        if (moving != null) {
            back.removeAll(moving.adding());
        }
        return back;
    }

    private static Partition partition(ClusterView view, Reassignment move) {
        return view.cluster().partitions().stream()
                .filter(one -> one.isQueue() == move.isQueue()
                        && one.index() == move.index()
                        && one.destination().equals(move.destination()))
                .findFirst()
                .orElseThrow();
    }

    private void print(Map<String, Object> object) {
        out.println(JsonWriter.write(object));
        out.flush();
    }

    private static String name(boolean isQueue, String destination) {
        return kind(isQueue) + ":" + destination;
    }

    private static String kind(boolean isQueue) {
        return (isQueue ? DestinationKind.QUEUE : DestinationKind.TOPIC).word();
    }

    private static String joined(List<Integer> ids) {
        return ids.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
