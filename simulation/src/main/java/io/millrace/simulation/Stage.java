package io.millrace.simulation;

import io.millrace.protocol.DestinationName;
import io.millrace.simulation.broker.SimBroker;
import io.millrace.simulation.broker.SimEnsemble;
import io.millrace.simulation.check.History;
import io.millrace.simulation.check.ViolationError;
import io.millrace.simulation.disk.SimDisk;
import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.kernel.Life;
import io.millrace.simulation.network.SimLink;
import io.millrace.simulation.network.SimNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Script} may do to the brokers of a run, to the network between them and to their clients. After the end of trouble nothing that it
 * is asked for later happens any more.
 */
public final class Stage {
    private static final long LONGEST_SHIFT_MS = 2 * 3_600_000;
    private static final long LOOK_NS = 200 * Kernel.MICRO;

    private final Kernel kernel;
    private final Scenario scenario;
    private final Chance chance;
    private final History history;
    private final SimNetwork network;
    private final Leaders leaders;
    private final List<SimBroker> brokers;
    private @Nullable Clients clients;
    private @Nullable Groups groups;
    private boolean troubled = true;

    Stage(
            Kernel kernel,
            Scenario scenario,
            History history,
            SimNetwork network,
            Leaders leaders,
            List<SimBroker> brokers) {
        this.kernel = kernel;
        this.scenario = scenario;
        this.chance = kernel.chance("world");
        this.history = history;
        this.network = network;
        this.leaders = leaders;
        this.brokers = brokers;
    }

    void of(Clients all, Groups consumers) {
        clients = all;
        groups = consumers;
    }

    void endTrouble() {
        troubled = false;
    }

    boolean isTroubled() {
        return troubled;
    }

    public Scenario scenario() {
        return scenario;
    }

    public Kernel kernel() {
        return kernel;
    }

    public Chance chance() {
        return chance;
    }

    public SimNetwork network() {
        return network;
    }

    Clients roles() {
        return Objects.requireNonNull(clients);
    }

    // ---- time

    /** Lets something happen after a while. */
    public void after(long ns, String what, Runnable action) {
        kernel.after(ns, Life.WORLD, "world", what, () -> {
            if (troubled) {
                action.run();
            }
        });
    }

    /** Lets something happen once a condition holds, if that is so before the trouble ends. */
    public void when(BooleanSupplier condition, String what, Runnable action) {
        after(LOOK_NS, what, () -> {
            if (condition.getAsBoolean()) {
                action.run();
            } else {
                when(condition, what, action);
            }
        });
    }

    /** Ends the run as failed if something does not hold. */
    public void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new ViolationError(otherwise);
        }
    }

    // ---- who is there

    public List<SimBroker> brokers() {
        return brokers;
    }

    /** The other brokers. */
    public List<SimBroker> others(SimBroker than) {
        return brokers.stream().filter(broker -> broker != than).toList();
    }

    public SimBroker broker(int id) {
        return brokers.stream().filter(each -> each.id() == id).findFirst().orElseThrow();
    }

    SimBroker any() {
        return brokers.size() == 1 ? brokers.get(0) : chance.oneOf(brokers);
    }

    /** Any broker that leads something, if there is one. */
    SimBroker anyLeader() {
        List<SimBroker> leading =
                brokers.stream().filter(broker -> leaders.isLeader(broker.id())).toList();
        return leading.isEmpty() ? any() : chance.oneOf(leading);
    }

    /** How the first partition of a destination is led, as the metadata store has it; null if there is none yet. */
    public @Nullable Led led(DestinationName destination) {
        return leaders.of(destination);
    }

    /** Tells, in the moment in which it is written, how any partition is led. */
    public void onLed(Consumer<Led> told) {
        leaders.onLed(led -> {
            if (troubled) {
                told.accept(led);
            }
        });
    }

    boolean isLastInSync(SimBroker broker) {
        return leaders.isLastInSync(broker.id());
    }

    // ---- brokers

    /** Kills a broker's process; it stays away. */
    public void kill(SimBroker broker) {
        broker.kill();
        onDown(broker);
    }

    /** Takes the power of a broker's machine away; it stays away. */
    public void losePower(SimBroker broker) {
        broker.losePower();
        onDown(broker);
    }

    /** Has a broker stop in an orderly way. */
    public void stop(SimBroker broker, Runnable stopped) {
        broker.stop(stopped);
        onDown(broker);
    }

    private void onDown(SimBroker broker) {
        history.onBrokerCrash();
        roles().onBrokerDown(broker.host());
    }

    /** Lets a broker do nothing for a while. */
    public void pause(SimBroker broker, long forNs) {
        history.onBrokerCrash();
        broker.pause(forNs);
    }

    /** Starts a broker that does not run. */
    public void start(SimBroker broker) {
        if (!broker.isRunning()) {
            broker.disk().failFlushes(0);
            if (scenario.clockIsSet()) {
                setClock(broker);
            }
            broker.start(this::onBrokerReady);
        }
    }

    /** Starts a broker after a drawn while, and even if the trouble is over by then. */
    void startLater(SimBroker broker) {
        long downNs = chance.skewed(Kernel.MILLI, scenario.mortality().longestDownNs());
        kernel.after(downNs, Life.WORLD, "world", "broker's start", () -> start(broker));
    }

    /** Starts all that do not run, when the trouble is over. */
    void startAll() {
        brokers.forEach(this::start);
    }

    void setClock(SimBroker broker) {
        broker.setClock(chance.between(-LONGEST_SHIFT_MS, LONGEST_SHIFT_MS));
    }

    /** A broker stopped by itself, as it must when its disk fails: somebody mends the machine. */
    void onBrokerStopped(int id) {
        SimBroker broker = broker(id);
        if (!broker.isRunning()) {
            return;
        }
        if (broker.disk().hasFailedFlush()) {
            broker.losePower();
        } else {
            broker.kill();
        }
        onDown(broker);
        startLater(broker);
    }

    /** In a cluster whoever leads again leads in another epoch. */
    private void onBrokerReady() {
        if (scenario.cluster().isAlone()) {
            roles().onBrokerUp(brokers.get(0).host());
        }
    }

    /** Has a partition move: another may lead it then, and what nobody asked to be on disk may be lost, as if the leader had died. */
    void move(Moves moves) {
        history.onBrokerCrash();
        moves.move();
    }

    // ---- the ways between them

    /** Lets nothing through from one host to others. */
    public void cut(String from, List<String> to) {
        history.onBrokerCrash();
        to.forEach(host -> network.cut(from, host));
    }

    /** Has a broker refuse connections, so that the others take it for dead, and another leads. */
    void refuse(SimBroker broker) {
        history.onBrokerCrash();
        network.refuse(broker.host(), true);
    }

    /** Lets nothing through between a host and others, in either direction. */
    public void sever(String one, List<String> others) {
        cut(one, others);
        others.forEach(other -> network.cut(other, one));
    }

    /** Ends the cuts between a host and others. */
    public void heal(String one, List<String> others) {
        for (String other : others) {
            network.heal(one, other);
            network.heal(other, one);
        }
    }

    /** The hosts of the other brokers. */
    public List<String> hostsBeside(SimBroker broker) {
        return others(broker).stream().map(SimBroker::host).toList();
    }

    /** The hosts of the metadata store and of the other brokers: all that tell a broker what it is. */
    public List<String> clusterBeside(SimBroker broker) {
        List<String> hosts = new ArrayList<>(List.of(SimEnsemble.HOST));
        hosts.addAll(hostsBeside(broker));
        return hosts;
    }

    /** The hosts of the clients that live. */
    public List<String> clients() {
        List<String> hosts = new ArrayList<>(roles().hosts());
        hosts.addAll(members());
        return hosts;
    }

    /** The hosts of the members of groups that live. */
    public List<String> members() {
        return Objects.requireNonNull(groups).hosts();
    }

    void breakLink() {
        List<SimLink> links = network.links();
        if (!links.isEmpty()) {
            chance.oneOf(links).breakNow();
        }
    }

    // ---- disks and clients

    void fillDisk(SimBroker broker, long roomBytes, long forNs) {
        SimDisk disk = broker.disk();
        disk.leaveRoom(roomBytes);
        kernel.after(forNs, Life.WORLD, "world", "room", disk::makeRoom);
    }

    /**
     * Lets new clients come, one that sends to a destination and one that subscribes to it without durability, and keeps them from asking a broker
     * that may not know yet who leads.
     */
    public void newcomers(String name, DestinationName destination, SimBroker unreachable) {
        for (String host : roles().join(name, destination, unreachable.host())) {
            sever(host, List.of(unreachable.host()));
        }
    }
}
