package io.millrace.simulation.check;

import io.millrace.simulation.kernel.Kernel;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What one group of Kafka's consumers was told in a run, judged as it happens. Every commit carries its number as metadata, so that what is fetched
 * says which commit it is. The judgements, each by its name in what is thrown:
 *
 * <ul>
 *   <li><b>shared</b>: no two members of one generation own one partition; a static member that came back is the same;
 *   <li><b>zombie</b>: no commit is acknowledged that was begun after a member of a later generation was told what it owns, or after another took the
 *       place of its static sender;
 *   <li><b>uncommitted</b>: what is fetched was committed, as it is, and was not refused;
 *   <li><b>back</b>: what is fetched is no older than what was acknowledged before it was asked for. One commit is later than another if it is of a
 *       later generation, or was begun when the other had been acknowledged. So an older commit may come up while it is under way, and one of which
 *       nobody knows what became of it until a later generation commits. Who coordinates no more may answer as long as a leader's lease lasts;
 *   <li><b>unread</b>: in the end, every message that was confirmed to its producer was read by the group.
 * </ul>
 */
public final class GroupHistory {
    /** How long a leader may believe that nobody else leads, and a little for clocks that count whole ms. */
    private static final long LEASE_NS = 1_100 * Kernel.MILLI;

    private final Kernel kernel;
    private final History history;
    private final String group;
    private final String destination;
    private final TreeMap<Integer, Generation> generations = new TreeMap<>();
    private final Map<String, String> replacedBy = new HashMap<>();
    private final Map<String, Long> replacedNs = new HashMap<>();
    /** Of a static member's ids those that may be its last, with the time when each was known to own something. */
    private final Map<String, Map<String, Long>> holders = new TreeMap<>();

    private final List<Commit> commits = new ArrayList<>();
    private final Map<Integer, List<Commit>> confirmed = new TreeMap<>();
    private final Set<MessageName> read = new TreeSet<>();
    private long lastChangeNs;
    private long lookedNs = -1;

    /** @param destination which the group reads */
    public GroupHistory(Kernel kernel, History history, String group, String destination) {
        this.kernel = kernel;
        this.history = history;
        this.group = group;
        this.destination = destination;
    }

    public String group() {
        return group;
    }

    /**
     * A member of a group.
     *
     * @param instanceId of a static member
     */
    public record Who(String memberId, @Nullable String instanceId, int generation) {
        private String owner() {
            return instanceId == null ? memberId : instanceId;
        }
    }

    /** What the members of a generation own. */
    private static final class Generation {
        private final long sinceNs;
        private final Map<Integer, String> owners = new TreeMap<>();

        Generation(long sinceNs) {
            this.sinceNs = sinceNs;
        }
    }

    /** An offset on its way to be committed. */
    public static final class Commit {
        private final int number;
        private final Who by;
        private final int partition;
        private final long offset;
        private final long begunNs;
        private long confirmedNs = -1;
        private boolean refused;

        private Commit(int number, Who by, int partition, long offset, long begunNs) {
            this.number = number;
            this.by = by;
            this.partition = partition;
            this.offset = offset;
            this.begunNs = begunNs;
        }

        /** What is committed with it. */
        public String metadata() {
            return Integer.toString(number);
        }

        public int partition() {
            return partition;
        }

        public long offset() {
            return offset;
        }

        private boolean isLaterThan(Commit other) {
            return by.generation > other.by.generation || (other.confirmedNs >= 0 && begunNs > other.confirmedNs);
        }

        @Override
        public String toString() {
            return "offset " + offset + " of partition " + partition + " by " + by + " at " + begunNs / 1000 + " us";
        }
    }

    /** Somebody asks what is committed. */
    public record Look(long begunNs) {}

    // ---- members

    /**
     * A member was told what it owns.
     *
     * @param askedNs when it asked to join: who was known to own something by then was there before it
     */
    public void onAssigned(Who who, Set<Integer> partitions, long askedNs) {
        long nowNs = kernel.nowNs();
        Generation generation = generations.computeIfAbsent(who.generation, id -> new Generation(nowNs));
        for (int partition : partitions) {
            String other = generation.owners.putIfAbsent(partition, who.owner());
            if (other != null && !other.equals(who.owner())) {
                throw violation("shared: partition " + partition + " belongs to " + other + " and to " + who);
            }
        }
        String instanceId = who.instanceId;
        if (instanceId != null) {
            replace(who, holders.computeIfAbsent(instanceId, id -> new TreeMap<>()), askedNs);
        }
        lastChangeNs = nowNs;
    }

    private void replace(Who who, Map<String, Long> possible, long askedNs) {
        if (possible.putIfAbsent(who.memberId, kernel.nowNs()) != null) {
            return;
        }
        if (replacedBy.containsKey(who.memberId)) {
            throw violation("shared: " + who + " was replaced by " + replacedBy.get(who.memberId));
        }
        possible.entrySet().removeIf(other -> {
            boolean isBefore = other.getValue() < askedNs;
            if (isBefore) {
                replacedBy.put(other.getKey(), who.memberId);
                replacedNs.put(other.getKey(), kernel.nowNs());
            }
            return isBefore;
        });
    }

    // ---- commits

    /** A member sets out to commit. */
    public Commit onCommit(Who who, int partition, long offset) {
        Commit commit = new Commit(commits.size(), who, partition, offset, kernel.nowNs());
        commits.add(commit);
        return commit;
    }

    /** The commit was acknowledged. */
    public void onCommitted(Commit commit) {
        for (Map.Entry<Integer, Generation> later :
                generations.tailMap(commit.by.generation, false).entrySet()) {
            if (later.getValue().sinceNs < commit.begunNs) {
                throw violation("zombie: acknowledged was " + commit + ", and generation " + later.getKey() + " was at "
                        + later.getValue().sinceNs / 1000 + " us");
            }
        }
        if (replacedNs.getOrDefault(commit.by.memberId, Long.MAX_VALUE) < commit.begunNs) {
            throw violation("zombie: acknowledged was " + commit + ", which " + replacedBy.get(commit.by.memberId)
                    + " had replaced");
        }
        commit.confirmedNs = kernel.nowNs();
        confirmed
                .computeIfAbsent(commit.partition, partition -> new ArrayList<>())
                .add(commit);
        lastChangeNs = kernel.nowNs();
    }

    /** The commit was refused, so that it must never count. */
    public void onRefused(Commit commit) {
        commit.refused = true;
    }

    /** Somebody asks what is committed. */
    public Look onLook() {
        return new Look(kernel.nowNs());
    }

    /**
     * Somebody was told what is committed.
     *
     * @param offset below 0 for nothing
     * @param byCoordinator whether the broker that says so was the coordinator all the time
     */
    public void onFetched(Look look, int partition, long offset, @Nullable String metadata, boolean byCoordinator) {
        Commit found = offset < 0 ? null : committed(partition, offset, metadata);
        long knownNs = look.begunNs - (byCoordinator ? 0 : LEASE_NS);
        for (Commit other : confirmed.getOrDefault(partition, List.of())) {
            if (other.confirmedNs < knownNs && (found == null || other.isLaterThan(found))) {
                throw violation("back: committed is " + found + ", after " + other + " was acknowledged at "
                        + other.confirmedNs / 1000 + " us");
            }
        }
        lookedNs = Math.max(lookedNs, look.begunNs);
    }

    private Commit committed(int partition, long offset, @Nullable String metadata) {
        int number = metadata == null || metadata.isEmpty() ? -1 : Integer.parseInt(metadata);
        Commit found = number >= 0 && number < commits.size() ? commits.get(number) : null;
        if (found == null || found.partition != partition || found.offset != offset || found.refused) {
            throw violation("uncommitted: offset " + offset + " of partition " + partition + " of commit " + metadata
                    + ", which is " + found);
        }
        return found;
    }

    // ---- messages

    /** A message is handed to an application. */
    public MessageName onRead(ByteBuffer body, int partition, long offset) {
        MessageName name = MessageName.of(body);
        History.Sent sent = name == null ? null : history.sent(name);
        if (name == null || sent == null || !sent.destination().equals(destination)) {
            throw violation("invented: " + name + " at offset " + offset + " of partition " + partition);
        }
        read.add(name);
        return name;
    }

    // ---- the end

    /** Whether all was read, and somebody has looked at what was committed since anything happened. */
    public boolean isDrained() {
        return lookedNs > lastChangeNs && unread().isEmpty();
    }

    /** Requires that all was read. */
    public void requireRead() {
        List<MessageName> unread = unread();
        if (!unread.isEmpty()) {
            throw violation("unread: " + unread.size() + " messages, the first is " + unread.get(0));
        }
    }

    private List<MessageName> unread() {
        return history.confirmed(destination).stream()
                .filter(name -> !read.contains(name))
                .toList();
    }

    private ViolationError violation(String what) {
        return new ViolationError("at " + kernel.nowNs() / 1000 + " us: group " + group + ": " + what);
    }
}
