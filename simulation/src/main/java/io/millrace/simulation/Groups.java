package io.millrace.simulation;

import io.millrace.broker.group.GroupPartitions;
import io.millrace.protocol.DestinationKind;
import io.millrace.protocol.DestinationName;
import io.millrace.simulation.broker.SimBroker;
import io.millrace.simulation.check.GroupHistory;
import io.millrace.simulation.client.ClientProcess;
import io.millrace.simulation.client.GroupMember;
import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.kernel.Life;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The groups of Kafka's consumers of a run, all of which read one topic, and the trouble that their members have: each place is filled anew when its
 * process has ended.
 */
final class Groups {
    /** What groups read. */
    static final DestinationName READ = new DestinationName(DestinationKind.TOPIC, "g");
    /** Where the brokers keep what groups commit. */
    static final DestinationName OFFSETS = DestinationName.ofTopicName("__consumer_offsets");

    private final ClientProcess.World world;
    private final Kernel kernel;
    private final Scenario.Groups scenario;
    private final Chance chance;
    private final List<Group> groups = new ArrayList<>();
    private boolean troubled = true;

    Groups(ClientProcess.World world, Scenario.Groups scenario) {
        this.world = world;
        this.kernel = world.kernel();
        this.scenario = scenario;
        this.chance = kernel.chance("groups");
        for (int i = 1; i <= scenario.groups(); i++) {
            groups.add(new Group("g" + i));
        }
    }

    /** Starts all, one by one. */
    void start() {
        for (Group group : groups) {
            for (Place place : group.places) {
                kernel.after(chance.skewed(0, 3 * Kernel.SECOND), Life.WORLD, place.name, "starts", place::start);
            }
        }
        if (scenario.troubleEveryNs() != Scenario.NEVER) {
            troubleLater();
        }
    }

    /** The hosts of those that live. */
    List<String> hosts() {
        List<String> hosts = new ArrayList<>();
        for (Group group : groups) {
            for (Place place : group.places) {
                if (place.process != null && !place.process.isOver()) {
                    hosts.add(place.process.name());
                }
            }
        }
        return hosts;
    }

    /** Lets nothing happen to members any more, but what has begun. */
    void calmDown() {
        troubled = false;
    }

    /** Whether every group is stable, and has read all and committed what it says. */
    boolean areDrained() {
        return groups.stream().allMatch(group -> group.isStable() && group.judged.isDrained());
    }

    /** Says what is missing. */
    void requireDrained() {
        groups.forEach(group -> group.judged.requireRead());
    }

    private void troubleLater() {
        kernel.after(chance.skewed(0, 2 * scenario.troubleEveryNs()), Life.WORLD, "groups", "trouble", () -> {
            if (troubled) {
                Group group = chance.oneOf(groups);
                chance.oneOf(group.places).trouble();
                troubleLater();
            }
        });
    }

    /** One group. */
    private final class Group {
        private final GroupHistory judged;
        private final int partition;
        private final List<Place> places = new ArrayList<>();

        Group(String name) {
            this.judged = new GroupHistory(kernel, world.history(), name, READ.toString());
            this.partition = GroupPartitions.indexOf(name, SimBroker.OFFSETS_PARTITIONS);
            for (int i = 1; i <= scenario.members(); i++) {
                String place = name + "m" + i;
                places.add(new Place(this, place, chance.chance(scenario.statics()) ? place : null));
            }
        }

        private boolean isCoordinator(String host) {
            return world.brokers().ledBy(host, OFFSETS).contains(partition);
        }

        /** Whether all members read in one generation, and each partition is read. */
        private boolean isStable() {
            Set<Integer> generations = new TreeSet<>();
            Set<Integer> owned = new TreeSet<>();
            int partitionCount = 0;
            for (Place place : places) {
                GroupMember process = place.process;
                if (process == null || process.readingGeneration() < 0) {
                    return false;
                }
                generations.add(process.readingGeneration());
                owned.addAll(process.owned());
                partitionCount = process.partitionCount();
            }
            return generations.size() == 1 && partitionCount > 0 && owned.size() == partitionCount;
        }
    }

    /** The part of one member's process after another. */
    private final class Place {
        private final Group group;
        private final String name;
        private final @Nullable String instanceId;
        private final int sessionMs;
        private @Nullable GroupMember process;
        private int incarnation;

        Place(Group group, String name, @Nullable String instanceId) {
            this.group = group;
            this.name = name;
            this.instanceId = instanceId;
            this.sessionMs = (int) chance.skewed(1500, 8000);
        }

        void start() {
            GroupMember.Manner manner = new GroupMember.Manner(
                    READ.topicName(),
                    instanceId,
                    sessionMs,
                    (int) chance.skewed(2000, 10_000),
                    sessionMs / 5 * Kernel.MILLI,
                    chance.chance(0.5) ? 1 : 0.2,
                    () -> chance.skewed(0, scenario.longestProcessingNs()),
                    group::isCoordinator);
            String own = name + "-" + ++incarnation;
            int begun = incarnation;
            GroupMember started = new GroupMember(world, own, manner, group.judged, why -> onEnded(begun));
            process = started;
            started.start();
        }

        private void onEnded(int which) {
            if (which == incarnation) {
                kernel.after(chance.skewed(Kernel.MILLI, 5 * Kernel.SECOND), Life.WORLD, name, "starts again", () -> {
                    if (which == incarnation) {
                        start();
                    }
                });
            }
        }

        /** It dies, or stops, or stands still for so long that it is taken for dead, or a static one is started once more. */
        void trouble() {
            GroupMember present = process;
            if (present == null || present.isOver()) {
                return;
            }
            switch (chance.below(4)) {
                case 0 -> present.die(chance.chance(0.5));
                case 1 -> present.close();
                case 2 -> present.pause(chance.skewed(100 * Kernel.MILLI, 2L * sessionMs * Kernel.MILLI));
                default -> {
                    if (instanceId != null) {
                        start();
                    }
                }
            }
        }
    }
}
