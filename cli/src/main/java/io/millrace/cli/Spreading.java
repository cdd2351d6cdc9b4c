package io.millrace.cli;

import io.millrace.cli.LeaderSpread.Place;
import io.millrace.jms.admin.ClusterDescription.Broker;
import io.millrace.jms.admin.ClusterDescription.Partition;
import io.millrace.jms.admin.Reassignment;
import io.millrace.protocol.DestinationName;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The moves that spread partitions over brokers; those that are where they are to be are left out. */
final class Spreading {
    private Spreading() {}

    /**
     * The moves.
     *
     * @param replicas how many each is to have; 0 for as many as it has
     */
    static List<Reassignment> of(ClusterView view, List<Partition> chosen, List<Broker> allowed, int replicas)
            throws CommandException {
        Set<Partition> moved = new HashSet<>(chosen);
        List<Place> fixed = view.cluster().partitions().stream()
                .filter(partition -> !moved.contains(partition))
                .map(partition -> place(partition, view.target(partition)))
                .toList();
        List<List<Integer>> present = chosen.stream().map(view::target).toList();
        List<List<Integer>> spread;
        try {
            spread = new ReplicaSpread(
                            allowed, fixed.stream().map(Place::replicas).toList())
                    .spread(present, replicas);
        } catch (IllegalArgumentException e) {
            String others = view.maintenance().isEmpty() ? "" : "; in maintenance are " + view.maintenance();
            throw CommandException.failed(ErrorCode.INVALID_REPLICATION_FACTOR, e.getMessage() + others);
        }
        List<Place> places = new ArrayList<>();
        for (int at = 0; at < chosen.size(); at++) {
            places.add(place(chosen.get(at), spread.get(at)));
        }
        new LeaderSpread(fixed).level(places);
        List<Reassignment> moves = new ArrayList<>();
        for (int at = 0; at < chosen.size(); at++) {
            if (!spread.get(at).equals(present.get(at))) {
                Partition partition = chosen.get(at);
                moves.add(new Reassignment(
                        partition.isQueue(), partition.destination(), partition.index(), spread.get(at)));
            }
        }
        return moves;
    }

    private static Place place(Partition partition, List<Integer> replicas) {
        String name = partition.destination();
        return new Place(partition.isQueue() ? DestinationName.queue(name) : DestinationName.topic(name), replicas);
    }
}
