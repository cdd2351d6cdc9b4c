package io.millrace.broker.cluster;

import io.millrace.broker.metadata.ClusterRole;
import io.millrace.broker.metadata.ControllerOffice;
import io.millrace.broker.metadata.Destination;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.PartitionChange;
import io.millrace.broker.metadata.PartitionState;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides for the whole cluster, while this broker is the controller, and else sees to it that some broker is. It looks at each image
 * of the cluster, and has what does not fit the living brokers changed; {@link Election} says how a partition is to be, and {@link Reassignment} when one that moves has arrived.
 *
 * <pre>
 *   OUTSIDE --registered--> BYSTANDER --no controller, or a dead one--> CANDIDATE --elected--> IN_OFFICE
 *                             ^  ^------------- another was faster --------/                    |
 *                             \---------------- another is the controller ---------------------/
 *   any --session lost--> OUTSIDE
 * </pre>
 *
 * <p>While changes are under way nothing new is decided: when they are answered, the image says what became of them.
 *
 * <p>Owned by the metadata thread.
 */
public final class Controller implements ClusterRole {
    private static final Logger LOG = LoggerFactory.getLogger(Controller.class);
    /** So many partitions are changed together: one that does not fit spoils the others, and a write takes up to a megabyte. */
    private static final int CHANGES_PER_WRITE = 200;

    private enum Status {
        OUTSIDE,
        BYSTANDER,
        CANDIDATE,
        IN_OFFICE
    }

    private final int self;
    private final ControllerOffice office;
    private final Deaths deaths;
    private Status status = Status.OUTSIDE;
    private MetadataImage image = MetadataImage.empty("");
    private boolean preferredWanted;
    private int underWay;
    /** Something could not be written; it is tried again at the next tick. */
    private boolean resting;
    /** Something has happened since it was looked at all partitions for the last time, which takes as long as there are many. */
    private boolean hasNews = true;

    private long nowMs;
    /** Answers to what was asked before the last loss of the session mean nothing. */
    private int term;

    /**
     * @param deadForMs how long a broker counts as dead that the store still has
     */
    public Controller(int self, ControllerOffice office, long deadForMs) {
        this.self = self;
        this.office = office;
        this.deaths = new Deaths(deadForMs);
    }

    @Override
    public void onImage(MetadataImage changed) {
        image = changed;
        deaths.onImage(changed);
        onNews();
    }

    @Override
    public void onPreferredElection(boolean wanted) {
        preferredWanted = wanted;
        onNews();
    }

    @Override
    public void onPeerDead(int brokerId, long epoch) {
        if (deaths.add(image.brokers().get(brokerId), epoch, nowMs)) {
            LOG.atInfo().addKeyValue("broker", brokerId).log("a broker's process is gone");
            onNews();
        }
    }

    @Override
    public void onPeerAlive(int brokerId, long epoch) {
        deaths.remove(brokerId, epoch);
        onNews();
    }

    @Override
    public void onSessionLost() {
        term++;
        underWay = 0;
        status = Status.OUTSIDE;
    }

    @Override
    public void onRegistered() {
        if (status == Status.OUTSIDE) {
            status = Status.BYSTANDER;
            act();
        }
    }

    @Override
    public void onTick(long now) {
        nowMs = now;
        boolean haveDied = deaths.onTick(now);
        hasNews |= haveDied || resting;
        resting = false;
        act();
    }

    private void onNews() {
        hasNews = true;
        act();
    }

    private void act() {
        switch (status) {
            case OUTSIDE, CANDIDATE -> {}
            case BYSTANDER -> campaignIfNeeded();
            case IN_OFFICE -> decideIfIdle();
        }
    }

    private void campaignIfNeeded() {
        int present = image.controllerId();
        boolean dead = present != MetadataImage.NO_CONTROLLER
                && deaths.isDead(image.brokers().get(present));
        if (present != MetadataImage.NO_CONTROLLER && present != self && !dead) {
            return;
        }
        status = Status.CANDIDATE;
        int begun = term;
        office.campaign(dead ? present : ControllerOffice.NOBODY, new Reply<>() {
            @Override
            public void complete(@Nullable Void value) {
                if (begun == term) {
                    status = Status.IN_OFFICE;
                    onNews();
                }
            }

            @Override
            public void fail(ErrorCode error, String message) {
                if (begun == term) {
                    LOG.debug("not elected: {}", message);
                    status = Status.BYSTANDER; // the next image or tick tries again, if it is still needed
                }
            }
        });
    }

    private void decideIfIdle() {
        if (image.controllerId() != self) {
            LOG.atInfo().addKeyValue("broker", self).log("this broker is not the controller any more");
            status = Status.BYSTANDER;
            campaignIfNeeded();
            return;
        }
        if (underWay > 0 || resting || !hasNews) {
            return;
        }
        hasNews = false;
        List<PartitionChange> changes = decide();
        for (int from = 0; from < changes.size(); from += CHANGES_PER_WRITE) {
            change(changes.subList(from, Math.min(changes.size(), from + CHANGES_PER_WRITE)));
        }
        if (changes.isEmpty() && preferredWanted) {
            preferredWanted = false;
            office.endPreferredElection();
        }
    }

    private List<PartitionChange> decide() {
        Living living = new Living(image, deaths);
        Election election = new Election(living, preferredWanted);
        Reassignment reassignment = new Reassignment(living);
        List<PartitionChange> changes = new ArrayList<>();
        for (Destination destination : image.destinations()) {
            for (PartitionState state : destination.partitions()) {
                PartitionState elected = election.decide(state);
                PartitionState wanted = elected.equals(state) ? reassignment.decide(state) : elected;
                if (!wanted.equals(state)) {
                    changes.add(new PartitionChange(destination.partitionId(state.index()), wanted));
                }
            }
        }
        return changes;
    }

    private void change(List<PartitionChange> changes) {
        underWay++;
        int begun = term;
        for (PartitionChange change : changes) {
            LOG.atDebug()
                    .addKeyValue("partition", change.id())
                    .addKeyValue("leader", change.wanted().leaderId())
                    .addKeyValue("epoch", change.wanted().leaderEpoch())
                    .addKeyValue("isr", change.wanted().isr())
                    .addKeyValue("replicas", change.wanted().replicas())
                    .log("a partition is changed");
        }
        office.change(List.copyOf(changes), new Reply<>() {
            @Override
            public void complete(@Nullable Void value) {
                end(begun);
            }

            @Override
            public void fail(ErrorCode error, String message) {
                if (begun == term && error == ErrorCode.NOT_CONTROLLER) {
                    LOG.atInfo().addKeyValue("broker", self).log("another broker is the controller now");
                    status = Status.BYSTANDER;
                }
                resting = true;
                end(begun);
            }
        });
    }

    private void end(int begun) {
        if (begun == term) {
            underWay--;
            if (underWay == 0) {
                onNews();
            }
        }
    }
}
