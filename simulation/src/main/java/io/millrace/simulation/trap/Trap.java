package io.millrace.simulation.trap;

import io.millrace.simulation.Scenario;
import io.millrace.simulation.Script;
import io.millrace.simulation.Stage;
import io.millrace.simulation.check.PlantedBug;
import java.util.List;

/** The traps. A new one is a {@link Course} and a line here; every build runs it, and requires that the bugs it is for are found on it. */
public enum Trap implements Script {
    /** Two failovers in a row, the second before a follower of the first has fetched again what it was quick to cut. */
    TWO_FAILOVERS(new TwoFailovers(), PlantedBug.TRUNCATE_BY_HIGH_WATERMARK),
    /** A leader that is cut off from all who could depose it, but not from its consumers. */
    FENCED_LEADER(new FencedLeader(), PlantedBug.DELIVER_WITHOUT_LEASE),
    /** A leader that only the metadata store has lost sight of: it is followed until its successor is told. */
    HASTY_SUCCESSOR(new HastySuccessor(), PlantedBug.LEAD_WITHOUT_WAITING),
    /** A leader that stands still for long enough to be deposed, and goes on where it was. */
    PAUSED_LEADER(new PausedLeader(), PlantedBug.DELIVER_WITHOUT_LEASE),
    /** All machines lose their power at once, and come back in any order. */
    BLACKOUT(new Blackout(), PlantedBug.REPORT_LOG_END, PlantedBug.ACKNOWLEDGE_UNFLUSHED),
    /** The last in sync is away: nobody may lead until it is back. */
    NOBODY_IN_SYNC(new NobodyInSync(), PlantedBug.ELECT_OUT_OF_SYNC),
    /** Sends that were taken and not answered are sent again, to another leader. */
    RETRY_AFTER_FAILOVER(new RetryAfterFailover(), PlantedBug.NO_DEDUPLICATION),
    /** The metadata store takes a replica into the in-sync set, and the leader never hears of it. */
    UNHEARD_CHANGE(new UnheardChange(), PlantedBug.FORGET_PROPOSED),
    /** A broker stops in an orderly way: others lead before it goes. */
    ORDERLY_STOP(new OrderlyStop());

    private final Course course;
    private final List<PlantedBug> bugs;

    Trap(Course course, PlantedBug... bugs) {
        this.course = course;
        this.bugs = List.of(bugs);
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
}
