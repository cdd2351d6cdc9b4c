package io.millrace.benchmarks.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The processes of one contender: a broker, or a cluster with what it needs. Each logs to a file that has its name. */
public final class Deployment implements AutoCloseable {
    private final Path directory;
    private final List<LaunchPlan> plans = new ArrayList<>();
    private final List<BrokerProcess> processes = new ArrayList<>();

    private Deployment(Path directory) {
        this.directory = directory;
    }

    /** Starts one broker without waiting for it. */
    static Deployment startOne(LaunchPlan plan, Path directory) throws IOException {
        Deployment deployment = new Deployment(directory);
        deployment.start(plan);
        return deployment;
    }

    /** Starts the processes of each stage when those of the stage before are ready, and waits for all. */
    static Deployment startAll(List<List<LaunchPlan>> stages, Path directory) throws IOException, InterruptedException {
        Deployment deployment = new Deployment(directory);
        try {
            for (List<LaunchPlan> stage : stages) {
                for (LaunchPlan plan : stage) {
                    deployment.start(plan);
                }
                deployment.awaitReady();
            }
        } catch (IOException | InterruptedException e) {
            deployment.kill();
            throw e;
        }
        return deployment;
    }

    /** Waits until all say that they serve. */
    public Deployment awaitReady() throws IOException, InterruptedException {
        for (BrokerProcess process : processes) {
            process.awaitReady();
        }
        return this;
    }

    /** The brokers to which clients connect. */
    public List<BrokerProcess> brokers() {
        return processes.stream()
                .filter(process -> process.port() != LaunchPlan.NO_CLIENTS)
                .toList();
    }

    /** The first, or only, broker. */
    public BrokerProcess broker() {
        return brokers().get(0);
    }

    /** All processes, whatever they do. */
    public List<Long> pids() {
        return processes.stream().map(BrokerProcess::pid).toList();
    }

    public List<Integer> ports() {
        return brokers().stream().map(BrokerProcess::port).toList();
    }

    /** Starts a broker that has ended, as it was started before, without waiting for it. */
    public BrokerProcess restart(BrokerProcess ended) throws IOException {
        int index = processes.indexOf(ended);
        if (index < 0 || ended.isAlive()) {
            throw new IllegalStateException("not a process of this deployment that has ended: " + ended.pid());
        }
        BrokerProcess started = BrokerProcess.start(plans.get(index), logOf(plans.get(index)));
        processes.set(index, started);
        return started;
    }

    public Optional<Long> liveHeapBytes() throws IOException, InterruptedException {
        long sum = 0;
        for (BrokerProcess broker : brokers()) {
            Optional<Long> one = broker.liveHeapBytes();
            if (one.isEmpty()) {
                return one;
            }
            sum += one.get();
        }
        return Optional.of(sum);
    }

    public void kill() throws InterruptedException {
        for (BrokerProcess process : processes) {
            process.kill();
        }
    }

    /** Stops them in an orderly way, the last one first. */
    @Override
    public void close() throws InterruptedException {
        for (int i = processes.size() - 1; i >= 0; i--) {
            processes.get(i).close();
        }
    }

    private void start(LaunchPlan plan) throws IOException {
        plans.add(plan);
        processes.add(BrokerProcess.start(plan, logOf(plan)));
    }

    private Path logOf(LaunchPlan plan) throws IOException {
        Files.createDirectories(directory);
        return directory.resolve(plan.name() + ".log");
    }
}
