package io.millrace.broker.metadata;

import io.millrace.broker.format.Formats;
import io.millrace.broker.format.Formats.Range;

/**
 * What a broker's build is, as the broker registers it. Immutable.
 *
 * @param software its version, for people
 * @param levels the format levels that it reads and writes
 * @param peerProtocol the versions of what brokers say to each other that it speaks
 */
public record BrokerBuild(String software, Range levels, Range peerProtocol) {
    /** Of builds that did not say. */
    static final BrokerBuild FIRST = new BrokerBuild("", new Range(1, 1), new Range(0, 0));

    /** This one. */
    public static BrokerBuild ofThis(String software) {
        return new BrokerBuild(
                software, Formats.ofBuild().levels(), Formats.ofBuild().peerProtocol());
    }
}
