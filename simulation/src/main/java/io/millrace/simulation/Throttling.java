package io.millrace.simulation;

import io.millrace.broker.metadata.ClusterSettings;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.StoredSettings;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import io.millrace.simulation.broker.SimBroker;
import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.kernel.Life;
import java.util.List;

/**
 * An operator who bounds, in some of a cluster's runs, what replicas get that are not in sync, and changes that bound; at the end there is none.
 * Draws from a stream of its own, so that runs without him are as they were.
 */
final class Throttling {
    private static final double SHARE = 0.3;
    private static final long LEAST_BYTES_PER_S = 2_000;
    private static final long MOST_BYTES_PER_S = 500_000;
    private static final long AGAIN_NS = 500 * Kernel.MILLI;

    private final Kernel kernel;
    private final Chance chance;
    private final List<SimBroker> brokers;
    private final long everyNs;
    private final boolean occurs;
    private boolean isEnding;

    Throttling(long seed, Kernel kernel, List<SimBroker> brokers, Scenario scenario) {
        this.kernel = kernel;
        this.chance = Chance.of(seed, "throttle");
        this.brokers = brokers;
        this.occurs = !scenario.cluster().isAlone() && chance.chance(SHARE);
        long meanNs = chance.skewed(scenario.forNs() / 30, scenario.forNs() / 3);
        this.everyNs = occurs ? meanNs : Scenario.NEVER;
    }

    /** The mean time between two changes. */
    long everyNs() {
        return everyNs;
    }

    void change() {
        if (!isEnding) {
            set(chance.chance(0.2) ? 0 : chance.skewed(LEAST_BYTES_PER_S, MOST_BYTES_PER_S));
        }
    }

    /** No more trouble: nothing is to be held back. What was asked for before may still come to pass, so he looks again and again. */
    void end() {
        isEnding = true;
        if (!occurs) {
            return;
        }
        if (!brokers.stream().allMatch(Throttling::isUnbound)) {
            set(0);
        }
        kernel.after(AGAIN_NS, Life.WORLD, "operator", "looks whether there is a throttle", this::end);
    }

    private static boolean isUnbound(SimBroker broker) {
        MetadataImage image = broker.image();
        return image != null && image.settings().catchUpBytesPerSecond() == 0;
    }

    private void set(long bytesPerSecond) {
        SimBroker asked = chance.oneOf(brokers);
        StoredSettings settings = asked.settings();
        if (!asked.isReady() || settings == null) {
            return;
        }
        kernel.note("operator", "sets the throttle to", bytesPerSecond);
        settings.change(present -> present.withCatchUp(bytesPerSecond), new Reply<ClusterSettings>() {
            @Override
            public void complete(ClusterSettings set) {}

            @Override
            public void fail(ErrorCode error, String message) {
                kernel.note("operator", "is refused: " + message);
            }
        });
    }
}
