package io.millrace.benchmarks.broker;

/** How many processes stand for one contender. */
public enum Topology {
    /** One broker, alone. */
    SINGLE,
    /** Three brokers with three replicas of everything, two of which must be in sync; with Artemis, a primary and its backup. */
    REPLICATED;

    /** How many replicas a topic gets. */
    public int replicas() {
        return switch (this) {
            case SINGLE -> 1;
            case REPLICATED -> 3;
        };
    }
}
