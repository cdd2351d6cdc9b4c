package io.millrace.simulation.client;

import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import java.util.List;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData.Coordinator;
import org.jspecify.annotations.Nullable;

/** Knows a group's coordinator, and asks any broker for it when it is lost. */
final class CoordinatorFinder {
    private static final int VERSION = 4;
    private static final byte GROUP = 0;
    private static final long AGAIN_NS = 100 * Kernel.MILLI;

    private final String group;
    private final KafkaWire wire;
    private final KafkaTopic.Site process;
    private final Chance chance;
    private @Nullable String host;
    private boolean asking;

    CoordinatorFinder(String group, KafkaWire wire, KafkaTopic.Site process, Chance chance) {
        this.group = group;
        this.wire = wire;
        this.process = process;
        this.chance = chance;
    }

    /** The coordinator's host; null if it is not known yet, and is asked for then. */
    @Nullable
    String coordinator() {
        if (host == null && !asking) {
            asking = true;
            ask();
        }
        return host;
    }

    /** The broker on a host does not coordinate, or does not answer. */
    void lose(String lost) {
        if (lost.equals(host)) {
            host = null;
        }
    }

    private void ask() {
        FindCoordinatorRequestData request =
                new FindCoordinatorRequestData().setKeyType(GROUP).setCoordinatorKeys(List.of(group));
        wire.call(
                process.anyHost(),
                "finder",
                new KafkaCall<>(
                        request,
                        VERSION,
                        new FindCoordinatorResponseData(),
                        KafkaWire.ANSWER_NS,
                        answer -> {
                            Coordinator found = answer.coordinators().get(0);
                            if (found.errorCode() == 0) {
                                host = found.host();
                                asking = false;
                            } else {
                                askAgain();
                            }
                        },
                        this::askAgain));
    }

    private void askAgain() {
        process.after(chance.skewed(AGAIN_NS / 10, AGAIN_NS * 3), "asks for the coordinator again", this::ask);
    }
}
