package io.millrace.simulation;

import io.millrace.broker.metadata.MetadataImage;
import io.millrace.simulation.broker.LogReading;
import io.millrace.simulation.broker.SimBroker;
import io.millrace.simulation.broker.SimEnsemble;
import io.millrace.simulation.check.History;
import io.millrace.simulation.check.PlantedBug;
import io.millrace.simulation.check.ViolationError;
import io.millrace.simulation.client.ClientProcess;
import io.millrace.simulation.disk.SimDisk;
import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.kernel.Life;
import io.millrace.simulation.kernel.Trace;
import io.millrace.simulation.network.NetworkConditions;
import io.millrace.simulation.network.SimLink;
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
    private static final long LONGEST_SHIFT_MS = 2 * 3_600_000;
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
    private final Moves moves;
    private boolean troubled = true;
    private @Nullable SimBroker wiped;

    public World(long seed, Scenario scenario, Trace trace, PlantedBug bug) {
        this.kernel = new Kernel(seed, trace);
        this.scenario = scenario;
        this.chance = kernel.chance("world");
        this.history = new History(kernel, GRACE_NS);
        this.leaders = new Leaders(kernel);
        this.reading = new LogReading(history);
        this.network = new SimNetwork(kernel, scenario.network().conditions());
        Scenario.Cluster cluster = scenario.cluster();
        SimEnsemble ensemble = new SimEnsemble(kernel, cluster.sessionMs());
        SimBroker.Surroundings around = new SimBroker.Surroundings(kernel, network, ensemble, bug);
        for (int i = 1; i <= cluster.brokers(); i++) {
            int id = cluster.isAlone() ? SimBroker.ALONE : i;
            brokers.add(new SimBroker(around, id, scenario.sizes(), cluster.settings(), () -> onBrokerStopped(id)));
        }
        this.moves = new Moves(seed, kernel, brokers, scenario);
        leaders.of(brokers);
        ensemble.observe(leaders::onWritten);
        this.clients = new Clients(new ClientProcess.World(kernel, network, history, bug, leaders), scenario);
        leaders.onChange(clients::onLeaderChange);
    }

    /** Runs it to its end. */
    public void run() {
        for (SimBroker broker : brokers) {
            broker.longestFlush(scenario.disk().longestFlushNs());
            startBroker(broker);
        }
        if (!scenario.cluster().isAlone()) {
            // Destinations are made by clients, with as many replicas as there are brokers.
            require(
                    kernel.runUntil(this::areBrokersTogether, 60 * Kernel.SECOND),
                    "stuck: the brokers do not find together");
        }
        clients.start();
        plan();
        readLater();
        kernel.runFor(scenario.forNs());
        calmDown();
        if (!kernel.runUntil(this::isDrained, DRAIN_WITHIN_NS)) {
            kernel.note("world", "unfinished: " + unfinished());
            readLogs();
            history.requireDrained();
            throw new ViolationError("stuck: " + unfinished());
        }
        readLogs();
        if (scenario.cluster().isAlone()) {
            restartCleanly(brokers.get(0));
        } else {
            LogReading.requireAlike(brokers);
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

    // ---- trouble

    private void plan() {
        Scenario.Mortality mortality = scenario.mortality();
        every(mortality.killEveryNs(), "kill", this::killBroker);
        every(mortality.powerLossEveryNs(), "power loss", this::losePower);
        every(mortality.stopEveryNs(), "stop", this::stopBroker);
        every(mortality.clientDeathEveryNs(), "client death", () -> clients.end(true));
        every(mortality.clientCloseEveryNs(), "client close", () -> clients.end(false));
        every(scenario.disk().failEveryNs(), "failing flush", () -> any().disk().failFlushes(1));
        every(scenario.disk().fullEveryNs(), "full disk", this::fillDisk);
        every(scenario.network().breakEveryNs(), "break", this::breakLink);
        every(scenario.network().stallEveryNs(), "stall", () -> any().stall(chance.skewed(1, 3 * Kernel.SECOND)));
        Scenario.Between between = scenario.cluster().between();
        every(between.pauseEveryNs(), "pause", this::pauseBroker);
        every(between.cutEveryNs(), "cut", this::cutNetwork);
        every(between.wipeEveryNs(), "wipe", this::wipeDisk);
        every(moves.everyNs(), "move", this::movePartition);
        every(between.clockEveryNs(), "clock", () -> any().setClock(
                        chance.between(-LONGEST_SHIFT_MS, LONGEST_SHIFT_MS)));
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

    private SimBroker any() {
        return brokers.size() == 1 ? brokers.get(0) : chance.oneOf(brokers);
    }

    /** Another may lead then: what nobody asked to be on disk may be lost, as if the leader had died. */
    private void movePartition() {
        history.onBrokerCrash();
        moves.move();
    }

    private void killBroker() {
        SimBroker broker = any();
        if (broker.isRunning()) {
            broker.kill();
            onBrokerDown(broker);
            startLater(broker);
        }
    }

    private void losePower() {
        SimBroker broker = any();
        if (broker.isRunning() || brokers.size() == 1) {
            broker.losePower();
            onBrokerDown(broker);
            startLater(broker);
        }
    }

    private void stopBroker() {
        SimBroker broker = any();
        if (broker.isReady()) {
            broker.stop(() -> startLater(broker));
            onBrokerDown(broker);
        }
    }

    private void onBrokerDown(SimBroker broker) {
        history.onBrokerCrash();
        clients.onBrokerDown(broker.host());
    }

    /** A broker stopped by itself, as it must when its disk fails: somebody mends the machine. */
    private void onBrokerStopped(int id) {
        SimBroker broker =
                brokers.stream().filter(each -> each.id() == id).findFirst().orElseThrow();
        if (!broker.isRunning()) {
            return;
        }
        if (broker.disk().hasFailedFlush()) {
            broker.losePower();
        } else {
            broker.kill();
        }
        onBrokerDown(broker);
        startLater(broker);
    }

    private void startLater(SimBroker broker) {
        long downNs = chance.skewed(Kernel.MILLI, scenario.mortality().longestDownNs());
        kernel.after(downNs, Life.WORLD, "world", "broker's start", () -> startBroker(broker));
    }

    private void startBroker(SimBroker broker) {
        if (!broker.isRunning()) {
            broker.disk().failFlushes(0);
            if (scenario.clockIsSet()) {
                broker.setClock(chance.between(-LONGEST_SHIFT_MS, LONGEST_SHIFT_MS));
            }
            broker.start(this::onBrokerReady);
        }
    }

    /** In a cluster whoever leads again leads in another epoch. */
    private void onBrokerReady() {
        if (scenario.cluster().isAlone()) {
            clients.onBrokerUp(brokers.get(0).host());
        }
    }

    private void fillDisk() {
        SimDisk disk = any().disk();
        disk.leaveRoom(chance.skewed(0, 200_000));
        kernel.after(chance.skewed(Kernel.MILLI, 5 * Kernel.SECOND), Life.WORLD, "world", "room", disk::makeRoom);
    }

    private void breakLink() {
        List<SimLink> links = network.links();
        if (!links.isEmpty()) {
            chance.oneOf(links).breakNow();
        }
    }

    private long aWhileNs() {
        return chance.skewed(10 * Kernel.MILLI, scenario.cluster().between().longestNs());
    }

    private void pauseBroker() {
        history.onBrokerCrash();
        any().pause(aWhileNs());
    }

    /** Cuts the way between a broker and another broker, the metadata store or a client, in one direction or both, once or again and again. */
    private void cutNetwork() {
        history.onBrokerCrash();
        String one = any().host();
        List<String> others = new ArrayList<>(List.of(SimEnsemble.HOST));
        brokers.stream().map(SimBroker::host).filter(host -> !host.equals(one)).forEach(others::add);
        others.addAll(clients.hosts());
        boolean isolated = chance.chance(0.2);
        String other = chance.oneOf(others);
        for (String host : isolated ? others : List.of(other)) {
            int flaps = chance.chance(0.2) ? 5 : 1;
            boolean there = chance.chance(0.7);
            boolean back = !there || chance.chance(0.7);
            cut(one, host, there, back, flaps);
        }
    }

    private void cut(String one, String other, boolean there, boolean back, int times) {
        if (!troubled) {
            return;
        }
        if (there) {
            network.cut(one, other);
        }
        if (back) {
            network.cut(other, one);
        }
        kernel.after(aWhileNs() / times, Life.WORLD, "world", "heal", () -> {
            network.heal(one, other);
            network.heal(other, one);
            if (times > 1) {
                kernel.after(
                        aWhileNs() / times,
                        Life.WORLD,
                        "world",
                        "cut again",
                        () -> cut(one, other, there, back, times - 1));
            }
        });
    }

    /**
     * Replaces the disk of a broker, in one run always the same one: who alone has what is committed must not lose it. What is under way to
     * the metadata when it dies is waited for.
     */
    private void wipeDisk() {
        SimBroker broker = wiped == null ? any() : wiped;
        wiped = broker;
        if (!broker.isRunning()) {
            return;
        }
        broker.kill();
        onBrokerDown(broker);
        kernel.after(Kernel.SECOND, Life.WORLD, "world", "replaces a disk", () -> {
            if (!broker.isRunning() && !leaders.isLastInSync(broker.id())) {
                broker.wipe();
            }
            startLater(broker);
        });
    }

    // ---- the end

    private void calmDown() {
        kernel.note("world", "calms down");
        troubled = false;
        clients.stopSending();
        network.conditions(NetworkConditions.LOOPBACK);
        network.healAll();
        for (SimBroker broker : brokers) {
            broker.disk().makeRoom();
            broker.disk().failFlushes(0);
            broker.longestFlush(2 * Kernel.MILLI);
            broker.resume();
        }
        moves.restore();
    }

    private boolean isDrained() {
        return brokers.stream().allMatch(SimBroker::isReady)
                && moves.isRestored()
                && history.isDrained()
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
