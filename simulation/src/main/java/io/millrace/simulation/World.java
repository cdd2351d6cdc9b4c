package io.millrace.simulation;

import io.millrace.simulation.broker.SimBroker;
import io.millrace.simulation.check.History;
import io.millrace.simulation.check.PlantedBug;
import io.millrace.simulation.check.ViolationError;
import io.millrace.simulation.client.ClientProcess;
import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.kernel.Life;
import io.millrace.simulation.kernel.Trace;
import io.millrace.simulation.network.NetworkConditions;
import io.millrace.simulation.network.SimLink;
import io.millrace.simulation.network.SimNetwork;
import java.util.List;

/**
 * One run: a broker, its disk, a network, clients, and trouble for a while; then none, and everything must drain. What is wrong is thrown as
 * a {@link ViolationError}, or as whatever the cores throw.
 */
public final class World {
    /** The broker waits 2 s for those who hold deliveries; a judge leaves some of that for clocks and turns. */
    private static final long GRACE_NS = 1_500 * Kernel.MILLI;

    private static final long DRAIN_WITHIN_NS = 180 * Kernel.SECOND;
    private static final long LONGEST_SHIFT_MS = 2 * 3_600_000;
    private static final long READ_EVERY_NS = 500 * Kernel.MILLI;

    private final Kernel kernel;
    private final Scenario scenario;
    private final Chance chance;
    private final History history;
    private final SimNetwork network;
    private final SimBroker broker;
    private final Clients clients;
    private boolean troubled = true;

    public World(long seed, Trace trace, PlantedBug bug) {
        this.kernel = new Kernel(seed, trace);
        this.scenario = Scenario.of(seed);
        this.chance = kernel.chance("world");
        this.history = new History(kernel, GRACE_NS);
        this.network = new SimNetwork(kernel, scenario.network().conditions());
        this.broker = new SimBroker(kernel, network, scenario.sizes(), history, bug, this::onBrokerStopped);
        this.clients = new Clients(new ClientProcess.World(kernel, network, history, bug), scenario);
    }

    /** Runs it to its end. */
    public void run() {
        broker.longestFlush(scenario.disk().longestFlushNs());
        startBroker();
        clients.start();
        plan();
        readLater();
        kernel.runFor(scenario.forNs());
        calmDown();
        if (!kernel.runUntil(this::isDrained, DRAIN_WITHIN_NS)) {
            kernel.note("world", "unfinished: " + broker.unfinished());
            broker.readLogs();
            history.requireDrained();
            throw new ViolationError("stuck: " + broker.unfinished());
        }
        broker.readLogs();
        restartCleanly();
    }

    public Scenario scenario() {
        return scenario;
    }

    public Kernel kernel() {
        return kernel;
    }

    public History history() {
        return history;
    }

    public SimBroker broker() {
        return broker;
    }

    // ---- trouble

    private void plan() {
        Scenario.Mortality mortality = scenario.mortality();
        every(mortality.killEveryNs(), "kill", this::killBroker);
        every(mortality.powerLossEveryNs(), "power loss", this::losePower);
        every(mortality.stopEveryNs(), "stop", this::stopBroker);
        every(mortality.clientDeathEveryNs(), "client death", () -> clients.end(true));
        every(mortality.clientCloseEveryNs(), "client close", () -> clients.end(false));
        every(scenario.disk().failEveryNs(), "failing flush", () -> broker.disk()
                .failFlushes(1));
        every(scenario.disk().fullEveryNs(), "full disk", this::fillDisk);
        every(scenario.network().breakEveryNs(), "break", this::breakLink);
        every(scenario.network().stallEveryNs(), "stall", () -> broker.stall(chance.skewed(1, 3 * Kernel.SECOND)));
    }

    private void every(long meanNs, String what, Runnable trouble) {
        if (meanNs == Scenario.NEVER) {
            return;
        }
        long pauseNs = (long) (-Math.log(1 - chance.nextDouble()) * meanNs);
        kernel.after(pauseNs, Life.WORLD, "world", what, () -> {
            if (troubled) {
                trouble.run();
                every(meanNs, what, trouble);
            }
        });
    }

    private void killBroker() {
        if (broker.isRunning()) {
            broker.kill();
            history.onBrokerCrash();
            startBrokerLater();
        }
    }

    private void losePower() {
        broker.losePower();
        history.onBrokerCrash();
        startBrokerLater();
    }

    private void stopBroker() {
        if (broker.isReady()) {
            history.onBrokerCrash();
            broker.stop(this::startBrokerLater);
        }
    }

    /** The broker stopped by itself, as it must when its disk fails: somebody mends the machine. */
    private void onBrokerStopped() {
        if (!broker.isRunning()) {
            return;
        }
        if (broker.disk().hasFailedFlush()) {
            broker.losePower();
            history.onBrokerCrash();
        } else {
            broker.kill();
            history.onBrokerCrash();
        }
        startBrokerLater();
    }

    private void startBrokerLater() {
        long downNs = chance.skewed(Kernel.MILLI, scenario.mortality().longestDownNs());
        kernel.after(downNs, Life.WORLD, "world", "broker's start", this::startBroker);
    }

    private void startBroker() {
        if (!broker.isRunning()) {
            broker.disk().failFlushes(0);
            if (scenario.clockIsSet()) {
                broker.setClock(chance.between(-LONGEST_SHIFT_MS, LONGEST_SHIFT_MS));
            }
            broker.start(clients::onBrokerUp);
        }
    }

    private void fillDisk() {
        broker.disk().leaveRoom(chance.skewed(0, 200_000));
        kernel.after(
                chance.skewed(Kernel.MILLI, 5 * Kernel.SECOND), Life.WORLD, "world", "room", broker.disk()::makeRoom);
    }

    private void breakLink() {
        List<SimLink> links = network.links();
        if (!links.isEmpty()) {
            chance.oneOf(links).breakNow();
        }
    }

    // ---- the end

    private void calmDown() {
        kernel.note("world", "calms down");
        troubled = false;
        clients.stopSending();
        network.conditions(NetworkConditions.LOOPBACK);
        broker.disk().makeRoom();
        broker.disk().failFlushes(0);
        broker.longestFlush(2 * Kernel.MILLI);
    }

    private boolean isDrained() {
        return broker.isReady()
                && history.isDrained()
                && clients.areIdle()
                && broker.unfinished().isEmpty();
    }

    /** Stops and starts again: what was committed is there, what was settled does not wait. */
    private void restartCleanly() {
        boolean[] stopped = new boolean[1];
        broker.stop(() -> stopped[0] = true);
        require(kernel.runUntil(() -> stopped[0], 30 * Kernel.SECOND), "stuck: the broker does not stop");
        broker.start(clients::onBrokerUp);
        require(kernel.runUntil(broker::isReady, 30 * Kernel.SECOND), "stuck: the broker does not start");
        broker.readLogs();
        require(
                kernel.runUntil(() -> broker.unfinished().isEmpty(), 30 * Kernel.SECOND),
                "stuck after a clean restart: " + broker.unfinished());
    }

    private void readLater() {
        kernel.after(chance.between(READ_EVERY_NS / 5, READ_EVERY_NS), Life.WORLD, "world", "reads the logs", () -> {
            if (broker.isReady()) {
                broker.readLogs();
            }
            if (troubled) {
                readLater();
            }
        });
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new ViolationError(otherwise);
        }
    }
}
