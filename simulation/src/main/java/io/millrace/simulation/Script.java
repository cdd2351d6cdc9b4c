package io.millrace.simulation;

/** What befalls the brokers of a run, and when: drawn from its seed, or written down. */
public interface Script {
    /** Plans it, when all brokers have found together and clients begin. */
    void plan(Stage stage);
}
