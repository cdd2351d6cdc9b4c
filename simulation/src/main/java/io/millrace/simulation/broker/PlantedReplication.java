package io.millrace.simulation.broker;

import io.millrace.simulation.check.PlantedBug;

/** What a follower with a planted bug says to its leader, and understands of the answers. */
final class PlantedReplication {
    private final PlantedBug bug;

    PlantedReplication(PlantedBug bug) {
        this.bug = bug;
    }

    /** A request of the follower's, with its length. */
    byte[] request(byte[] frame) {
        return frame;
    }

    /** An answer of the leader's, without its length. */
    byte[] answer(byte[] frame) {
        return bug == PlantedBug.NONE ? frame : frame;
    }
}
