package io.millrace.simulation;

import io.millrace.jms.engine.AttachSpec;
import io.millrace.jms.engine.EngineConfig;
import io.millrace.protocol.DestinationKind;
import io.millrace.protocol.DestinationName;
import io.millrace.protocol.SubscriptionKind;
import io.millrace.simulation.check.ClientLife;
import io.millrace.simulation.client.ClientProcess;
import io.millrace.simulation.client.ConsumerApp;
import io.millrace.simulation.client.ProducerApp;
import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.kernel.Life;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The client processes of a run: each role is filled anew when its process has ended. */
final class Clients {
    private static final EngineConfig.Timeouts TIMEOUTS = new EngineConfig.Timeouts(2_000, 10_000, 300_000, 20, 500);

    private final ClientProcess.World world;
    private final Kernel kernel;
    private final Scenario scenario;
    private final Chance chance;
    private final List<Role> roles = new ArrayList<>();
    private boolean sending = true;

    Clients(ClientProcess.World world, Scenario scenario) {
        this.world = world;
        this.kernel = world.kernel();
        this.scenario = scenario;
        this.chance = kernel.chance("clients");
        Scenario.Load load = scenario.load();
        List<DestinationName> targets = new ArrayList<>();
        for (int q = 1; q <= load.queues(); q++) {
            DestinationName queue = new DestinationName(DestinationKind.QUEUE, "q" + q);
            targets.add(queue);
            world.history().onSubscribed(queue.toString(), queue.toString(), true);
            for (int c = 1; c <= load.consumers(); c++) {
                roles.add(new Role("c" + q + c, queue, SubscriptionKind.QUEUE, load.consumers() == 1));
            }
        }
        DestinationName topic = new DestinationName(DestinationKind.TOPIC, "t");
        if (load.durableSubscribers() + load.listeners() > 0) {
            targets.add(topic);
        }
        for (int d = 1; d <= load.durableSubscribers(); d++) {
            roles.add(new Role("d" + d, topic, SubscriptionKind.DURABLE, true));
        }
        for (int l = 1; l <= load.listeners(); l++) {
            roles.add(new Role("l" + l, topic, SubscriptionKind.NON_DURABLE, true));
        }
        if (scenario.groups().groups() > 0) {
            targets.add(Groups.READ);
        }
        for (int p = 1; p <= load.producers(); p++) {
            roles.add(new Role("p" + p, targets));
        }
    }

    /** Starts all, one by one. */
    void start() {
        for (Role role : roles) {
            kernel.after(chance.skewed(0, Kernel.SECOND), Life.WORLD, role.name, "starts", role::start);
        }
    }

    /**
     * Lets one more client come that sends to a destination, and one that subscribes to it without durability. They know of all brokers but one.
     * Answers what hosts they are on.
     */
    List<String> join(String name, DestinationName destination, String unknownHost) {
        ClientProcess.World knowing = world.without(unknownHost);
        List<Role> joining = List.of(
                new Role("l" + name, knowing, List.of(destination), SubscriptionKind.NON_DURABLE, true),
                new Role("p" + name, knowing, List.of(destination), null, false));
        roles.addAll(joining);
        joining.forEach(Role::start);
        return joining.stream().map(role -> role.name + "-1").toList();
    }

    /** Lets producers send no more. */
    void stopSending() {
        sending = false;
    }

    /** Kills a client, or closes it. */
    void end(boolean death) {
        Role role = chance.oneOf(roles);
        ClientProcess process = role.process;
        if (process == null || process.isOver()) {
            return;
        }
        if (death) {
            process.die(chance.chance(0.5));
        } else {
            role.close(process);
        }
    }

    /** The hosts of those that live. */
    List<String> hosts() {
        List<String> hosts = new ArrayList<>();
        for (Role role : roles) {
            ClientProcess process = role.process;
            if (process != null && !process.isOver()) {
                hosts.add(process.name());
            }
        }
        return hosts;
    }

    /** Whether all are at work, and all that was sent is answered. */
    boolean areIdle() {
        for (Role role : roles) {
            if (!role.isIdle()) {
                return false;
            }
        }
        return true;
    }

    /** A partition of a destination has another leader. One that is to lead no more, and lives, goes on to wait for clients until it knows. */
    void onLeaderChange(DestinationName destination, int partition) {
        forEachConsumer(destination, judged -> judged.leaderChanged(partition, kernel.nowNs()));
    }

    /** A broker has died. */
    void onBrokerDown(String host) {
        for (DestinationName destination : destinations()) {
            for (int partition : world.brokers().ledBy(host, destination)) {
                forEachConsumer(destination, judged -> judged.leaderDied(partition, kernel.nowNs()));
            }
        }
    }

    /** The broker, which is alone, serves again. */
    void onBrokerUp(String host) {
        for (DestinationName destination : destinations()) {
            world.brokers().ledBy(host, destination).forEach(partition -> onLeaderChange(destination, partition));
        }
    }

    private Set<DestinationName> destinations() {
        Set<DestinationName> all = new LinkedHashSet<>();
        roles.forEach(role -> all.addAll(role.destinations));
        return all;
    }

    private void forEachConsumer(DestinationName destination, Consumer<ClientLife> action) {
        for (Role role : roles) {
            if (role.kind != null && role.destinations.contains(destination)) {
                role.processes.forEach(process -> action.accept(process.judged()));
            }
        }
    }

    /** In the end nobody takes long. */
    private long processingNs() {
        Scenario.Load load = scenario.load();
        return sending ? chance.skewed(load.leastNs(), load.mostNs()) : chance.skewed(0, load.mostNs() / 10);
    }

    /** The part of one client process after another. */
    private final class Role {
        private final String name;
        private final ClientProcess.World knowing;
        private final List<DestinationName> destinations;
        private final @Nullable SubscriptionKind kind;
        private final boolean only;
        private final List<ClientProcess> processes = new ArrayList<>();
        private @Nullable ClientProcess process;
        private final List<ProducerApp> producers = new ArrayList<>();
        private @Nullable ConsumerApp consumer;
        private int incarnation;

        /** A producer. */
        Role(String name, List<DestinationName> destinations) {
            this(name, world, destinations, null, false);
        }

        /** A consumer. */
        Role(String name, DestinationName destination, SubscriptionKind kind, boolean only) {
            this(name, world, List.of(destination), kind, only);
        }

        Role(
                String name,
                ClientProcess.World knowing,
                List<DestinationName> destinations,
                @Nullable SubscriptionKind kind,
                boolean only) {
            this.name = name;
            this.knowing = knowing;
            this.destinations = destinations;
            this.kind = kind;
            this.only = only;
        }

        void start() {
            incarnation++;
            String own = name + "-" + incarnation;
            String clientId = kind == SubscriptionKind.DURABLE ? "id-" + name : null;
            ClientProcess started = new ClientProcess(knowing, own, clientId, TIMEOUTS, this::onEnded);
            process = started;
            processes.removeIf(ClientProcess::isOver);
            processes.add(started);
            started.open(() -> {
                if (kind == null) {
                    for (DestinationName destination : destinations) {
                        startProducer(started, own + "." + destination.name(), destination);
                    }
                } else {
                    consumer = startConsumer(started, own, kind);
                }
            });
        }

        void close(ClientProcess closing) {
            ConsumerApp own = consumer;
            if (kind != null && own != null) {
                own.close(closing::close);
            } else {
                closing.close();
            }
        }

        boolean isIdle() {
            ConsumerApp own = consumer;
            boolean isProducer = kind == null;
            return process != null
                    && !process.isOver()
                    && (isProducer
                            ? producers.stream().allMatch(ProducerApp::isIdle)
                            : own != null && own.isAttached());
        }

        private void onEnded(String why) {
            consumer = null;
            producers.clear();
            kernel.after(chance.skewed(Kernel.MILLI, 5 * Kernel.SECOND), Life.WORLD, name, "starts again", this::start);
        }

        private void startProducer(ClientProcess in, String producer, DestinationName destination) {
            Scenario.Load load = scenario.load();
            ProducerApp.Manner manner = new ProducerApp.Manner(
                    load.sendEveryNs(),
                    chance.chance(0.4) ? 1 : 1 + chance.below(30),
                    // What nobody asked to be on disk may give its offset to something else, which a group passes over.
                    destination.equals(Groups.READ) ? 1 : load.persistent(),
                    load.bodyBytes());
            ProducerApp app = new ProducerApp(in, producer, destination, manner, () -> sending);
            producers.add(app);
            app.start();
        }

        private ConsumerApp startConsumer(ClientProcess in, String own, SubscriptionKind of) {
            DestinationName destination = destinations.get(0);
            String subscriptionName = of == SubscriptionKind.DURABLE ? "sub-" + name : null;
            String subscription =
                    switch (of) {
                        case QUEUE -> destination.toString();
                        case DURABLE -> destination + "/" + name;
                        default -> destination + "/" + own;
                    };
            AttachSpec spec = new AttachSpec(
                    of, subscriptionName, null, false, scenario.load().prefetch(), (int) chance.skewed(1, 100_000));
            ConsumerApp.Manner manner = new ConsumerApp.Manner(
                    subscription,
                    spec,
                    chance.chance(0.5) || scenario.load().auto() ? 1 : 1 + chance.below(20),
                    chance.chance(0.5) ? 0 : 0.2,
                    Clients.this::processingNs,
                    of != SubscriptionKind.NON_DURABLE,
                    only,
                    !scenario.load().auto());
            ConsumerApp app = new ConsumerApp(in, destination, manner);
            app.start();
            return app;
        }
    }
}
