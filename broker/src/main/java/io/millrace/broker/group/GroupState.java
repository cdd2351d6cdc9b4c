package io.millrace.broker.group;

/**
 * Where a group stands.
 *
 * <pre>
 *   EMPTY ---join---> PREPARING_REBALANCE ---all joined, or time is up---> COMPLETING_REBALANCE ---assignment committed---> STABLE
 *     ^                 |         ^                                                |                                         |
 *     |                 |         +--------a member joins, leaves or is silent-----+-----------------------------------------+
 *     +---nobody left---+
 *     |
 *     +---deleted, or nothing left to keep---> DEAD
 * </pre>
 */
public enum GroupState {
    /** It has no members, maybe offsets. */
    EMPTY("Empty"),
    /** Its members are asked to join again. */
    PREPARING_REBALANCE("PreparingRebalance"),
    /** A generation is decided, and its assignment is waited for. */
    COMPLETING_REBALANCE("CompletingRebalance"),
    /** Every member can have its assignment. */
    STABLE("Stable"),
    /** It is gone from this coordinator. */
    DEAD("Dead");

    private final String word;

    GroupState(String word) {
        this.word = word;
    }

    /** The state as Kafka's clients know it. */
    public String word() {
        return word;
    }
}
