package io.millrace.simulation.broker;

import io.millrace.broker.log.StorageException;
import io.millrace.simulation.check.History;
import io.millrace.simulation.check.PlantedBug;
import io.millrace.simulation.disk.SimDisk;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.kernel.Life;
import io.millrace.simulation.network.SimLink;
import io.millrace.simulation.network.SimNetwork;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A broker's machine: its disk and what the cluster knows of it outlast the broker, which is started, killed, stopped, and loses its power.
 */
public final class SimBroker {
    /**
     * How large things are: small, so that segments, journal files, checkpoints and snapshots change often.
     *
     * @param lanes how many lanes there are
     * @param partitions of each destination
     */
    public record Sizes(
            int lanes,
            int partitions,
            int segmentBytes,
            int journalFileBytes,
            long checkpointBytes,
            long snapshotBytes) {}

    private final Kernel kernel;
    private final SimNetwork network;
    private final Sizes sizes;
    private final PlantedBug bug;
    private final Runnable stopped;
    private final SimDisk disk;
    private final SimMetadataStore.Tree tree = new SimMetadataStore.Tree();
    private final LogReading reading;
    private @Nullable BrokerProcess process;
    private long longestFlushNs = Kernel.MILLI;
    private long clockShiftMs;
    private int starts;

    /** @param stopped told when a running broker stopped by itself, because its disk failed */
    public SimBroker(
            Kernel kernel, SimNetwork network, Sizes sizes, History history, PlantedBug bug, Runnable stopped) {
        this.kernel = kernel;
        this.network = network;
        this.sizes = sizes;
        this.bug = bug;
        this.stopped = stopped;
        this.disk = new SimDisk(kernel, "disk", bug);
        this.reading = new LogReading(history);
    }

    public SimDisk disk() {
        return disk;
    }

    /** How long a flush takes at most from now on. */
    public void longestFlush(long ns) {
        longestFlushNs = ns;
    }

    /** Sets the machine's clock that far from the true time; a broker that runs does not look. */
    public void setClock(long shiftMs) {
        kernel.note("broker", "has its clock set by ms", shiftMs);
        clockShiftMs = shiftMs;
    }

    public boolean isRunning() {
        return process != null;
    }

    /** Whether it serves. */
    public boolean isReady() {
        return process != null && process.isReady();
    }

    /** Starts it; {@code ready} is told when it serves. */
    public void start(Runnable ready) {
        starts++;
        kernel.note("broker", "starts", starts);
        process = new BrokerProcess(
                new BrokerProcess.Machine(kernel, network, disk, tree, sizes, bug, () -> longestFlushNs, clockShiftMs),
                "broker-" + starts,
                ready,
                this::onFault);
        process.start();
    }

    /** Kills its process: kill -9. */
    public void kill() {
        end("is killed", true);
        disk.killProcess();
        reading.onRestart(true);
    }

    /** Takes the machine's power away. */
    public void losePower() {
        end("loses its power", kernel.chance("power" + starts).chance(0.5));
        disk.losePower();
        reading.onRestart(true);
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
                disk.killProcess();
                reading.onRestart(false);
                done.run();
            }
        });
    }

    /** Lets its lanes take no input for a while. */
    public void stall(long forNs) {
        if (process != null) {
            process.stall(forNs);
        }
    }

    /** Reads all that is committed and was not read, as a Kafka consumer does, and judges it. */
    public void readLogs() {
        if (process != null) {
            reading.read(process.partitions().all());
        }
    }

    /** What waits or is in flight, by partition and subscription; empty when everything is settled. */
    public List<String> unfinished() {
        return process == null ? List.of("no broker") : process.unfinished();
    }

    private void end(String how, boolean noticed) {
        kernel.note("broker", how);
        BrokerProcess ending = process;
        process = null;
        network.listen(null);
        if (ending != null) {
            ending.end();
        }
        for (SimLink link : network.links()) {
            link.die(SimLink.Side.BROKER, noticed);
        }
    }

    private void onFault(StorageException fault) {
        kernel.note("broker", "stops by itself: " + fault.kind());
        kernel.after(Kernel.MILLI, Life.WORLD, "world", "looks after the broker", stopped);
    }
}
