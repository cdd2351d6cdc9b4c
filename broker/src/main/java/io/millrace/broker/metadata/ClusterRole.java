package io.millrace.broker.metadata;

/** What this broker does for the cluster beside serving partitions. Called on the metadata thread. */
public interface ClusterRole {
    /** The cluster looks like this now. */
    void onImage(MetadataImage image);

    /** Whether somebody asked that preferred replicas lead. */
    void onPreferredElection(boolean wanted);

    /** That life of a broker has ended: its process is gone, whatever the store knows. */
    void onPeerDead(int brokerId, long epoch);

    /** That life of a broker answers again. */
    void onPeerAlive(int brokerId, long epoch);

    /** This broker is not the controller any more, and can not become it before {@link #onRegistered}. */
    void onSessionLost();

    /** This broker belongs to the cluster. */
    void onRegistered();

    /** Called now and then, with a clock that never goes back. */
    void onTick(long nowMs);
}
