package io.millrace.cli;

import io.millrace.jms.admin.ClusterDescription.Broker;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where partitions are to be so that the brokers have about as many replicas each, with as few moves as that takes; and no two replicas of a
 * partition in one rack while there is a rack without. Owned by one command.
 */
final class ReplicaSpread {
    private final Map<Integer, Broker> brokers = new TreeMap<>();
    private final Map<Integer, Integer> replicas = new TreeMap<>();

    /**
     * @param allowed the brokers that partitions may be on
     * @param fixed the replicas of partitions that stay where they are
     */
    ReplicaSpread(List<Broker> allowed, List<List<Integer>> fixed) {
        for (Broker broker : allowed) {
            brokers.put(broker.id(), broker);
            replicas.put(broker.id(), 0);
        }
        for (List<Integer> present : fixed) {
            present.forEach(id -> replicas.computeIfPresent(id, (broker, count) -> count + 1));
        }
    }

    /**
     * The brokers of each partition.
     *
     * @param present where the partitions are
     * @param count how many replicas each is to have; 0 for as many as it has
     * @throws IllegalArgumentException if there are too few brokers
     */
    List<List<Integer>> spread(List<List<Integer>> present, int count) {
        List<List<Integer>> spread = new ArrayList<>();
        for (List<Integer> one : present) {
            int wanted = count == 0 ? one.size() : count;
            if (wanted > brokers.size()) {
                throw new IllegalArgumentException(wanted + " replicas need as many brokers, and only " + brokers.size()
                        + " can take them: " + brokers.keySet());
            }
            List<Integer> kept = new ArrayList<>(one);
            kept.removeIf(id -> !brokers.containsKey(id));
            kept.forEach(id -> add(id, 1));
            spread.add(kept);
        }
        for (int at = 0; at < spread.size(); at++) {
            resize(spread.get(at), count == 0 ? present.get(at).size() : count);
            unrack(spread.get(at));
        }
        level(spread);
        return spread;
    }

    private void resize(List<Integer> one, int wanted) {
        while (one.size() > wanted) {
            Integer most = one.stream()
                    .max(Comparator.<Integer>comparingInt(id -> sharesRack(one, id) ? 1 : 0)
                            .thenComparingInt(replicas::get)
                            .thenComparingInt(one::indexOf))
                    .orElseThrow();
            one.remove(most);
            add(most, -1);
        }
        while (one.size() < wanted) {
            int next = best(one, null);
            one.add(next);
            add(next, 1);
        }
    }

    /** Takes a second replica out of a rack, if there is a rack without. */
    private void unrack(List<Integer> one) {
        for (int at = one.size() - 1; at > 0; at--) {
            int id = one.get(at);
            if (sharesRack(one, id)) {
                int next = best(one, id);
                if (!rackTaken(one, next, id)) {
                    replace(one, id, next);
                }
            }
        }
    }

    /** The broker for one more replica, in place of another or none. */
    private int best(List<Integer> one, @Nullable Integer inPlaceOf) {
        return brokers.keySet().stream()
                .filter(id -> !one.contains(id))
                .min(Comparator.<Integer>comparingInt(id -> rackTaken(one, id, inPlaceOf) ? 1 : 0)
                        .thenComparingInt(replicas::get))
                .orElse(inPlaceOf == null ? -1 : inPlaceOf);
    }

    private void level(List<List<Integer>> spread) {
        boolean moved = true;
        while (moved) {
            moved = false;
            for (List<Integer> one : spread) {
                moved |= levelOne(one);
            }
        }
    }

    /** Moves one replica to a broker that has at least two fewer, if racks allow. */
    private boolean levelOne(List<Integer> one) {
        for (int id : List.copyOf(one)) {
            for (int other : brokers.keySet()) {
                boolean isBetter = !one.contains(other) && count(id) - count(other) > 1;
                if (isBetter && (!rackTaken(one, other, id) || sharesRack(one, id))) {
                    replace(one, id, other);
                    return true;
                }
            }
        }
        return false;
    }

    private void replace(List<Integer> one, int from, int to) {
        one.set(one.indexOf(from), to);
        add(from, -1);
        add(to, 1);
    }

    private void add(int id, int change) {
        replicas.merge(id, change, Integer::sum);
    }

    private int count(int id) {
        return replicas.getOrDefault(id, 0);
    }

    private boolean sharesRack(List<Integer> one, int id) {
        return rackTaken(one, id, id);
    }

    /** Whether a replica, but for one of them, is in the rack of that broker. */
    private boolean rackTaken(List<Integer> one, int id, @Nullable Integer butFor) {
        Set<Object> taken = new HashSet<>();
        for (int other : one) {
            if (butFor == null || other != butFor) {
                taken.add(rackOf(other));
            }
        }
        return taken.contains(rackOf(id));
    }

    /** A broker that does not say has a rack of its own. */
    private Object rackOf(int id) {
        Broker broker = brokers.get(id);
        return broker == null ? id : Objects.<Object>requireNonNullElse(broker.rack(), id);
    }
}
