package io.millrace.jms.admin;

import io.millrace.protocol.message.UpgradeClusterResponseData;
import java.util.List;

/**
 * The format level at which a cluster writes, and what its brokers support. Immutable.
 *
 * @param level what is stored and sent between brokers is written at it
 * @param raising the level that it is being raised to, or the same
 * @param brokers the living brokers, by id
 */
public record FormatLevels(int level, int raising, List<Broker> brokers) {
    public FormatLevels {
        brokers = List.copyOf(brokers);
    }

    /**
     * What a broker supports.
     *
     * @param softwareVersion its version; empty if it did not say
     * @param oldestLevel the lowest level that it reads and writes
     * @param newestLevel the highest
     * @param oldestPeerProtocol the lowest version of what brokers say to each other that it speaks
     * @param newestPeerProtocol the highest
     */
    public record Broker(
            int id,
            String softwareVersion,
            int oldestLevel,
            int newestLevel,
            int oldestPeerProtocol,
            int newestPeerProtocol) {}

    /** The newest level that all brokers support; the present one if there are none. */
    public int newestOfAll() {
        return brokers.stream().mapToInt(Broker::newestLevel).min().orElse(level);
    }

    static FormatLevels of(UpgradeClusterResponseData answer) {
        return new FormatLevels(
                answer.level(),
                answer.raising(),
                answer.brokers().stream()
                        .map(broker -> new Broker(
                                broker.id(),
                                broker.softwareVersion(),
                                broker.oldestLevel(),
                                broker.newestLevel(),
                                broker.oldestPeerProtocol(),
                                broker.newestPeerProtocol()))
                        .toList());
    }
}
