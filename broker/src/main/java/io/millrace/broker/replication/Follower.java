package io.millrace.broker.replication;

import io.millrace.broker.lane.Lane;
import io.millrace.broker.partition.ReplicaData;

/** A replica that follows, as its fetcher sees it. Called on its lane. */
public interface Follower {
    /** The lane on which alone the other methods are called. */
    Lane lane();

    /** The leader sent something. */
    void onData(ReplicaData data);

    /** What was under way is lost: tell its position anew, by {@link ReplicaFetcher#onPosition}. */
    void beginAnew();
}
