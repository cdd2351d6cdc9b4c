package io.millrace.broker.metadata;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * One partition of a destination: its replicas and who leads them. Immutable.
 *
 * @param placement where its replicas are
 * @param isr the replicas that hold everything acknowledged, each for as long as it lives in the epoch beside it
 * @param isrEpochs the broker epoch in which each member of {@code isr} became one
 * @param version how often the state was changed in the store
 */
public record PartitionState(
        int index,
        Placement placement,
        int leaderId,
        int leaderEpoch,
        List<Integer> isr,
        List<Long> isrEpochs,
        int version) {
    /** No broker leads the partition at the moment. */
    public static final int NO_LEADER = -1;

    /** The epoch of a broker that is not registered. */
    public static final long NO_EPOCH = -1;

    public PartitionState {
        if (index < 0 || isr.size() != isrEpochs.size()) {
            throw new IllegalArgumentException("partition " + index + " on brokers " + placement.replicas()
                    + ", in sync " + isr + " since " + isrEpochs);
        }
        isr = List.copyOf(isr);
        isrEpochs = List.copyOf(isrEpochs);
    }

    /** The same, on the brokers that its destination was made on. */
    public PartitionState(
            int index,
            List<Integer> replicas,
            int leaderId,
            int leaderEpoch,
            List<Integer> isr,
            List<Long> isrEpochs,
            int version) {
        this(index, Placement.of(replicas), leaderId, leaderEpoch, isr, isrEpochs, version);
    }

    /** The brokers that hold the partition, or are to. */
    public List<Integer> replicas() {
        return placement.replicas();
    }

    /** Whether the broker is to hold the partition. */
    public boolean isOn(int brokerId) {
        return replicas().contains(brokerId);
    }

    /** The broker epoch in which a replica became in sync, or {@link #NO_EPOCH} if it is not. */
    public long inSyncSince(int brokerId) {
        int at = isr.indexOf(brokerId);
        return at < 0 ? NO_EPOCH : isrEpochs.get(at);
    }

    /** The same with another leader, in the next epoch. */
    public PartitionState led(int newLeaderId) {
        return new PartitionState(index, placement, newLeaderId, leaderEpoch + 1, isr, isrEpochs, version);
    }

    /** The same as one sees it who may not believe that the leader leads. */
    public PartitionState withoutLeader() {
        return new PartitionState(index, placement, NO_LEADER, leaderEpoch, isr, isrEpochs, version);
    }

    /** The same with other replicas in sync. */
    public PartitionState inSync(List<Integer> members, List<Long> epochs) {
        return new PartitionState(index, placement, leaderId, leaderEpoch, members, epochs, version);
    }

    /** The same without these members in sync. */
    public PartitionState inSyncWithout(List<Integer> members) {
        List<Integer> left = new ArrayList<>();
        List<Long> epochs = new ArrayList<>();
        for (int at = 0; at < isr.size(); at++) {
            if (!members.contains(isr.get(at))) {
                left.add(isr.get(at));
                epochs.add(isrEpochs.get(at));
            }
        }
        return inSync(left, epochs);
    }

    /**
     * The same on other brokers. Who is no replica any more is not in sync either. Other replicas have another leader epoch, even if the
     * leader stays: what was said of them in an earlier one counts no more, for a broker that comes again has nothing of what it had.
     */
    public PartitionState placed(Placement next, int newLeaderId) {
        List<Integer> gone =
                isr.stream().filter(member -> !next.replicas().contains(member)).toList();
        PartitionState left = inSyncWithout(gone);
        boolean isSame = newLeaderId == leaderId && Set.copyOf(replicas()).equals(Set.copyOf(next.replicas()));
        int epoch = isSame ? leaderEpoch : leaderEpoch + 1;
        return new PartitionState(index, next, newLeaderId, epoch, left.isr, left.isrEpochs, version);
    }

    /** The same, where it was to be, led by one of those. */
    public PartitionState arrived(int newLeaderId) {
        return placed(placement.arrived(), newLeaderId);
    }

    /** The same as the store has it. */
    public PartitionState withVersion(int stored) {
        return new PartitionState(index, placement, leaderId, leaderEpoch, isr, isrEpochs, stored);
    }
}
