package io.millrace.simulation;

import io.millrace.broker.metadata.MetadataImage;
import io.millrace.simulation.broker.LogReading;
import io.millrace.simulation.broker.SimBroker;
import io.millrace.simulation.broker.SimEnsemble;
import io.millrace.simulation.check.History;
import io.millrace.simulation.check.PlantedBug;
import io.millrace.simulation.check.ViolationError;
import io.millrace.simulation.client.ClientProcess;
import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.kernel.Life;
import io.millrace.simulation.kernel.Trace;
import io.millrace.simulation.network.NetworkConditions;
import io.millrace.simulation.network.SimNetwork;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One run: a broker or several, their disks, a network, clients, and trouble for a while; then none, and everything must drain. What is wrong is thrown as
 * a {@link ViolationError}, or as whatever the cores throw.
 */
public final class World {
    /** The broker waits 2 s for those who hold deliveries; a judge leaves some of that for clocks and turns. */
    private static final long GRACE_NS = 1_500 * Kernel.MILLI;

    private static final long DRAIN_WITHIN_NS = 180 * Kernel.SECOND;
    private static final long LOOK_EVERY_NS = 20 * Kernel.MILLI;
    private static final long READ_EVERY_NS = 500 * Kernel.MILLI;

    private final Kernel kernel;
    private final Scenario scenario;
    private final Chance chance;
    private final History history;
    private final SimNetwork network;
    private final Leaders leaders;
    private final LogReading reading;
    private final List<SimBroker> brokers = new ArrayList<>();
    private final Clients clients;
    private final Groups groups;
    private final Moves moves;
    private final Throttling throttling;
    private final Stage stage;
    private final Script script;

    /** A world of drawn trouble. */
    public World(long seed, Scenario scenario, Trace trace, PlantedBug bug) {
        this(seed, scenario, trace, bug, null);
    }

    /** @param script what befalls the brokers, or null for what the scenario draws */
    public World(long seed, Scenario scenario, Trace trace, PlantedBug bug, @Nullable Script script) {
        this.kernel = new Kernel(seed, trace);
        this.scenario = scenario;
        this.chance = kernel.chance("world");
        this.history = new History(kernel, GRACE_NS);
        this.leaders = new Leaders(kernel);
        this.reading = new LogReading(history);
        this.network = new SimNetwork(kernel, scenario.network().conditions());
        this.stage = new Stage(kernel, scenario, history, network, leaders, brokers);
        this.moves = new Moves(seed, kernel, brokers, scenario);
        this.throttling = new Throttling(seed, kernel, brokers, scenario);
        this.script = script == null
                ? new DrawnTrouble(stage, moves, throttling, new LateMessages(seed, network, scenario))
                : script;
        Scenario.Cluster cluster = scenario.cluster();
        SimEnsemble ensemble = new SimEnsemble(kernel, cluster.sessionMs());
        SimBroker.Surroundings around = new SimBroker.Surroundings(kernel, network, ensemble, bug);
        for (int i = 1; i <= cluster.brokers(); i++) {
            int id = cluster.isAlone() ? SimBroker.ALONE : i;
            brokers.add(
                    new SimBroker(around, id, scenario.sizes(), cluster.settings(), () -> stage.onBrokerStopped(id)));
        }
        leaders.of(brokers);
        ensemble.observe(leaders::onWritten);
        ClientProcess.World outside = new ClientProcess.World(kernel, network, history, bug, leaders);
        this.clients = new Clients(outside, scenario);
        this.groups = new Groups(outside, scenario.groups());
        leaders.onChange(clients::onLeaderChange);
        stage.of(clients, groups);
    }

    /** Runs it to its end. */
    public void run() {
        for (SimBroker broker : brokers) {
            broker.longestFlush(scenario.disk().longestFlushNs());
            stage.start(broker);
        }
        if (!scenario.cluster().isAlone()) {
            // Destinations are made by clients, with as many replicas as there are brokers.
            require(
                    kernel.runUntil(this::areBrokersTogether, 60 * Kernel.SECOND),
                    "stuck: the brokers do not find together");
        }
        clients.start();
        groups.start();
        script.plan(stage);
        readLater();
        kernel.runFor(scenario.forNs());
        calmDown();
        if (!kernel.runUntil(this::isDrained, LOOK_EVERY_NS, DRAIN_WITHIN_NS)) {
            kernel.note("world", "unfinished: " + unfinished());
            readLogs();
            history.requireDrained();
            groups.requireDrained();
            throw new ViolationError("stuck: " + unfinished());
        }
        readLogs();
        if (scenario.cluster().isAlone()) {
            restartCleanly(brokers.get(0));
        } else {
            reading.requireAlike(brokers);
        }
    }

    private boolean areBrokersTogether() {
        return brokers.stream().allMatch(broker -> {
            MetadataImage image = broker.image();
            return broker.isReady() && image != null && image.brokers().size() == brokers.size();
        });
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

    // ---- the end

    private void calmDown() {
        kernel.note("world", "calms down");
        stage.endTrouble();
        clients.stopSending();
        groups.calmDown();
        network.conditions(NetworkConditions.LOOPBACK);
        network.healAll();
        for (SimBroker broker : brokers) {
            broker.disk().makeRoom();
            broker.disk().failFlushes(0);
            broker.longestFlush(2 * Kernel.MILLI);
            broker.resume();
        }
        if (!(script instanceof DrawnTrouble)) {
            stage.startAll();
        }
        moves.restore();
        throttling.end();
    }

    private boolean isDrained() {
        return brokers.stream().allMatch(SimBroker::isReady)
                && moves.isRestored()
                && history.isDrained()
                && groups.areDrained()
                && clients.areIdle()
                && unfinished().isEmpty();
    }

    private List<String> unfinished() {
        List<String> unfinished = new ArrayList<>();
        brokers.forEach(broker -> unfinished.addAll(broker.unfinished()));
        if (!scenario.cluster().isAlone()) {
            unfinished.addAll(leaders.unhealthy(scenario.cluster().settings().replicas()));
        }
        return unfinished;
    }

    /** Stops and starts again: what was committed is there, what was settled does not wait. */
    private void restartCleanly(SimBroker broker) {
        boolean[] stopped = new boolean[1];
        broker.stop(() -> stopped[0] = true);
        require(kernel.runUntil(() -> stopped[0], 30 * Kernel.SECOND), "stuck: the broker does not stop");
        broker.start(() -> clients.onBrokerUp(broker.host()));
        require(kernel.runUntil(broker::isReady, 30 * Kernel.SECOND), "stuck: the broker does not start");
        readLogs();
        require(
                kernel.runUntil(() -> unfinished().isEmpty(), 30 * Kernel.SECOND),
                "stuck after a clean restart: " + unfinished());
    }

    private void readLogs() {
        brokers.stream().filter(SimBroker::isReady).forEach(reading::read);
    }

    private void readLater() {
        kernel.after(chance.between(READ_EVERY_NS / 5, READ_EVERY_NS), Life.WORLD, "world", "reads the logs", () -> {
            readLogs();
            if (stage.isTroubled()) {
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
