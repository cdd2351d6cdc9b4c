package io.millrace.simulation.broker;

import io.millrace.broker.metadata.BrokerIdentity;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.Reassignments;
import io.millrace.broker.metadata.StoredSettings;
import io.millrace.protocol.DestinationName;
import io.millrace.simulation.check.PlantedBug;
import io.millrace.simulation.disk.SimDisk;
import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.kernel.Life;
import io.millrace.simulation.network.SimLink;
import io.millrace.simulation.network.SimNetwork;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A broker's machine: its disk and what the cluster knows of it outlast the broker, which is started, killed, stopped, paused, and loses its
 * power.
 */
public final class SimBroker {
    /** The id of a broker that is alone. */
    public static final int ALONE = 0;
    /** How many partitions the topic of committed offsets has. */
    public static final int OFFSETS_PARTITIONS = 2;

    /**
     * How large things are: small, so that segments, journal files, checkpoints and snapshots change often.
     *
     * @param lanes how many lanes there are
     * @param partitions of each destination
     * @param mostOpenFiles how many files the logs of a lane may hold open
     */
    public record Sizes(
            int lanes,
            int partitions,
            int segmentBytes,
            int journalFileBytes,
            long checkpointBytes,
            long snapshotBytes,
            int mostOpenFiles) {
        /** The same with other partitions of each destination. */
        public Sizes withPartitions(int count) {
            return new Sizes(
                    lanes, count, segmentBytes, journalFileBytes, checkpointBytes, snapshotBytes, mostOpenFiles);
        }
    }

    /**
     * What the brokers of a cluster have in common.
     *
     * @param replicas of each partition
     * @param minInSync how many of them must be in sync for a durable send
     * @param maxLagMs after what time a replica that lags is not in sync
     * @param lateWatches how likely news of the metadata comes late
     * @param lostAnswers how likely the answer to a write of the metadata is lost
     */
    public record ClusterSettings(int replicas, int minInSync, int maxLagMs, double lateWatches, double lostAnswers) {
        /** Of a broker that is alone. */
        public static final ClusterSettings NONE = new ClusterSettings(1, 1, 10_000, 0, 0);
    }

    /** What is around all machines. */
    public record Surroundings(Kernel kernel, SimNetwork network, SimEnsemble ensemble, PlantedBug bug) {}

    private final Surroundings around;
    private final Kernel kernel;
    private final int id;
    private final String host;
    private final Sizes sizes;
    private final ClusterSettings settings;
    private final Runnable stopped;
    private final Chance chance;
    private SimDisk disk;
    private BrokerIdentity identity = BrokerIdentity.ALONE;
    private @Nullable BrokerProcess process;
    private long longestFlushNs = Kernel.MILLI;
    private long clockShiftMs;
    private int losses;
    private int starts;
    private int disks;

    /**
     * @param id from 1 on in a cluster, or {@link #ALONE}
     * @param stopped told when a running broker stopped by itself, because its disk failed
     */
    public SimBroker(Surroundings around, int id, Sizes sizes, ClusterSettings settings, Runnable stopped) {
        this.around = around;
        this.kernel = around.kernel();
        this.id = id;
        this.host = hostOf(id);
        this.sizes = sizes;
        this.settings = settings;
        this.stopped = stopped;
        this.chance = kernel.chance(host + " machine");
        this.disk = new SimDisk(kernel, id == ALONE ? "disk" : host + " disk", around.bug());
        if (id != ALONE) {
            identity = new BrokerIdentity(newId(), around.ensemble().present());
        }
    }

    /** The host of a broker. */
    public static String hostOf(int id) {
        return id == ALONE ? "broker" : "b" + id;
    }

    public int id() {
        return id;
    }

    public String host() {
        return host;
    }

    public SimDisk disk() {
        return disk;
    }

    /** How long a flush takes at most from now on. */
    public void longestFlush(long ns) {
        longestFlushNs = ns;
    }

    /** Sets the machine's clock that far from the true time. */
    public void setClock(long shiftMs) {
        kernel.note(host, "has its clock set by ms", shiftMs);
        clockShiftMs = shiftMs;
    }

    public boolean isRunning() {
        return process != null;
    }

    /** Whether it serves. */
    public boolean isReady() {
        return process != null && process.isReady();
    }

    /** Whether it runs and does nothing at the moment. */
    public boolean isPaused() {
        return process != null && process.isPaused();
    }

    /** How often it ended otherwise than in order. */
    int losses() {
        return losses;
    }

    /** Whether what did not ask for the disk may be gone since it had ended so often. */
    boolean mayHaveLostSince(int lossesThen) {
        return id != ALONE || losses > lossesThen;
    }

    /** How often it was started. */
    int starts() {
        return starts;
    }

    /** Starts it; {@code ready} is told when it serves. */
    public void start(Runnable ready) {
        starts++;
        kernel.note(host, "starts", starts);
        around.network().silence(host, false);
        process = new BrokerProcess(
                new BrokerProcess.Machine(
                        around,
                        host,
                        disk,
                        sizes,
                        new BrokerProcess.Cluster(id, identity, settings),
                        () -> longestFlushNs,
                        () -> clockShiftMs),
                host + "-" + starts,
                ready,
                this::onFault);
        process.start();
    }

    /** Kills its process: kill -9. */
    public void kill() {
        end("is killed", true);
        disk.killProcess();
    }

    /** Takes the machine's power away. */
    public void losePower() {
        boolean noticed = kernel.chance(host + " power" + starts).chance(0.5);
        end("loses its power", noticed);
        around.network().silence(host, id != ALONE && !noticed);
        disk.losePower();
    }

    /** Loses all that is on its disk, while it does not run. */
    public void wipe() {
        if (isRunning()) {
            throw new IllegalStateException(host + " runs");
        }
        kernel.note(host, "has its disk replaced");
        disk = new SimDisk(kernel, host + " disk " + ++disks, around.bug());
        identity = new BrokerIdentity(newId(), around.ensemble().present());
    }

    private UUID newId() {
        return new UUID(chance.nextLong(), chance.nextLong());
    }

    /** Stops it cleanly. */
    public void stop(Runnable done) {
        BrokerProcess stopping = process;
        if (stopping == null) {
            done.run();
            return;
        }
        stopping.stop(() -> {
            if (process == stopping) {
                end("has stopped", true);
                losses--;
                disk.killProcess();
                done.run();
            }
        });
    }

    /** Lets one of its lanes take no input for a while. */
    public void stall(long forNs) {
        if (process != null) {
            process.stall(forNs);
        }
    }

    /** Lets the replicas that it has of a destination stop by a fault of the code itself. */
    public void failReplicas(DestinationName destination) {
        if (process != null) {
            kernel.note(host, "has replicas fail", 0);
            process.partitions().forEach(partition -> {
                if (partition.destination().name().equals(destination)) {
                    partition.fail();
                }
            });
        }
    }

    /** Lets its whole process do nothing for a while. */
    public void pause(long forNs) {
        if (process != null) {
            kernel.note(host, "pauses for ns", forNs);
            process.pause(forNs);
        }
    }

    /** Lets it go on. */
    public void resume() {
        if (process != null) {
            process.pause(0);
        }
    }

    /** The partitions that it holds; none while it can not be asked. */
    List<SimPartition> partitions() {
        return process == null || !isReady() || isPaused()
                ? List.of()
                : process.partitions().all();
    }

    /** The cluster, as the broker knows it; null while it does not run. */
    public @Nullable MetadataImage image() {
        return process == null ? null : process.image();
    }

    /** By which partitions are moved; null while it does not run. */
    /** Whether the metadata store takes the broker for alive. */
    public boolean isRegistered() {
        return around.ensemble().get("/millrace/brokers/ids/" + id) != null;
    }

    public @Nullable StoredSettings settings() {
        return process == null ? null : process.settings();
    }

    public @Nullable Reassignments reassignments() {
        return process == null ? null : process.reassignments();
    }

    /** What waits or is in flight, by partition and subscription; empty when everything is settled. */
    public List<String> unfinished() {
        return process == null ? List.of("no broker") : process.unfinished();
    }

    private void end(String how, boolean noticed) {
        kernel.note(host, how);
        losses++;
        BrokerProcess ending = process;
        process = null;
        around.network().listen(host, null);
        if (ending != null) {
            ending.end();
        }
        for (SimLink link : around.network().linksOf(host)) {
            link.die(link.sideOf(host), noticed);
        }
    }

    private void onFault(String why) {
        kernel.note(host, "stops by itself: " + why);
        kernel.after(Kernel.MILLI, Life.WORLD, "world", "looks after the broker", stopped);
    }
}
