package io.millrace.simulation.trap;

import io.millrace.simulation.Scenario;
import io.millrace.simulation.Script;
import io.millrace.simulation.Stage;
import io.millrace.simulation.check.PlantedBug;
import java.util.List;

/**
 * A known trap: a fixed course of faults, and the planted bugs that must be found on it. A new one is a {@link Course} and a line in {@link #ALL}; every
 * build runs all of them. Immutable.
 */
public final class Trap implements Script {
    /** All there are. */
    public static final List<Trap> ALL = List.of(
            // Two failovers in a row, the second before a follower of the first has fetched again what it was quick to
            // cut.
            new Trap("two-failovers", new TwoFailovers(), PlantedBug.TRUNCATE_BY_HIGH_WATERMARK),
            // A leader that is cut off from all who could depose it, but not from its consumers.
            new Trap("fenced-leader", new FencedLeader(), PlantedBug.DELIVER_WITHOUT_LEASE),
            // A leader that only the metadata store has lost sight of: it is followed until its successor is told.
            new Trap("hasty-successor", new HastySuccessor(), PlantedBug.LEAD_WITHOUT_WAITING),
            // A leader that stands still for long enough to be deposed, and goes on where it was.
            new Trap("paused-leader", new PausedLeader(), PlantedBug.DELIVER_WITHOUT_LEASE),
            // All machines lose their power at once, and come back in any order.
            new Trap("blackout", new Blackout(), PlantedBug.REPORT_LOG_END, PlantedBug.ACKNOWLEDGE_UNFLUSHED),
            // The last in sync is away: nobody may lead until it is back.
            new Trap("nobody-in-sync", new NobodyInSync(), PlantedBug.ELECT_OUT_OF_SYNC),
            // Sends that were taken and not answered are sent again, to another leader.
            new Trap("retry-after-failover", new RetryAfterFailover(), PlantedBug.NO_DEDUPLICATION),
            // The metadata store takes a replica into the in-sync set, and the leader never hears of it.
            new Trap("unheard-change", new UnheardChange(), PlantedBug.FORGET_PROPOSED),
            // A broker stops in an orderly way: others lead before it goes.
            new Trap("orderly-stop", new OrderlyStop(), PlantedBug.STOP_AT_ONCE),
            // The leader's replica, and another, stop by a fault of the code, and their brokers live on.
            new Trap("stopped-replica", new StoppedReplica(), PlantedBug.KEEP_STOPPED_REPLICA),
            // The coordinator of a group is deposed and does not know, or wakes up too late.
            new Trap(
                    "zombie-coordinator",
                    new ZombieCoordinator(),
                    PlantedBug.COMMIT_AT_APPEND,
                    PlantedBug.COMMIT_DEPOSED));

    private final String name;
    private final Course course;
    private final List<PlantedBug> bugs;

    private Trap(String name, Course course, PlantedBug... bugs) {
        this.name = name;
        this.course = course;
        this.bugs = List.of(bugs);
    }

    /** The trap of a name. */
    public static Trap of(String name) {
        return ALL.stream()
                .filter(trap -> trap.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no trap " + name + ", but " + ALL));
    }

    /** The planted bugs that it finds. */
    public List<PlantedBug> bugs() {
        return bugs;
    }

    /** What it is run with. */
    public Scenario scenario(long seed) {
        return course.scenario(Setting.of(seed));
    }

    @Override
    public void plan(Stage stage) {
        course.begin(stage);
    }

    @Override
    public String toString() {
        return name;
    }
}
