package io.millrace.cli;

import io.millrace.protocol.DestinationName;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which replica of each partition comes first, and so is its preferred leader: about as many on each broker, of each destination, and then on the
 * whole. The order within a destination comes before, or a broker that leads little else would lead all of a destination that is spread by itself.
 * Owned by one command.
 */
final class LeaderSpread {
    private final Map<Integer, Integer> all = new HashMap<>();
    private final Map<DestinationName, Map<Integer, Integer>> byDestination = new HashMap<>();

    /** Where a partition is. */
    record Place(DestinationName destination, List<Integer> replicas) {
        int first() {
            return replicas.get(0);
        }
    }

    /**
     * @param fixed the partitions that stay as they are
     */
    LeaderSpread(List<Place> fixed) {
        fixed.forEach(place -> add(place.destination, place.first(), 1));
    }

    /** Changes the order of replicas, in place. Each change takes from the unevenness of a destination, or leaves that and takes from the whole. */
    void level(List<Place> places) {
        places.forEach(place -> add(place.destination, place.first(), 1));
        boolean moved = true;
        while (moved) {
            moved = false;
            for (Place place : places) {
                moved |= levelOne(place);
            }
        }
    }

    private boolean levelOne(Place place) {
        int leader = place.first();
        Map<Integer, Integer> own = byDestination.getOrDefault(place.destination, Map.of());
        Integer fewest = place.replicas.stream()
                .min(Comparator.<Integer>comparingInt(id -> own.getOrDefault(id, 0))
                        .thenComparingInt(id -> all.getOrDefault(id, 0)))
                .orElseThrow();
        int excess = own.getOrDefault(leader, 0) - own.getOrDefault(fewest, 0);
        boolean isUneven = all.getOrDefault(leader, 0) - all.getOrDefault(fewest, 0) > 1;
        if (excess < 1 || (excess == 1 && !isUneven)) {
            return false;
        }
        place.replicas.remove(fewest);
        place.replicas.add(0, fewest);
        add(place.destination, leader, -1);
        add(place.destination, fewest, 1);
        return true;
    }

    private void add(DestinationName destination, int id, int change) {
        all.merge(id, change, Integer::sum);
        byDestination.computeIfAbsent(destination, any -> new HashMap<>()).merge(id, change, Integer::sum);
    }
}
