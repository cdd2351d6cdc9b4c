package io.millrace.benchmarks.scenario;

import io.millrace.benchmarks.broker.BrokerKind;
import io.millrace.benchmarks.broker.Brokers;
import io.millrace.benchmarks.broker.ClientProcess;
import io.millrace.benchmarks.broker.Deployment;
import io.millrace.benchmarks.broker.Installation;
import io.millrace.benchmarks.broker.Ports;
import io.millrace.benchmarks.client.JobSpec;
import io.millrace.benchmarks.measure.Figures;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What one run of a scenario works with: an empty directory on the disk, and processes that end with it. */
public final class Workbench implements AutoCloseable {
    private final Brokers brokers;
    private final Settings settings;
    private final Path directory;
    private final Progress progress;
    private final Optional<Path> flushTraces;
    private final List<Deployment> started = new ArrayList<>();

    public Workbench(Brokers brokers, Settings settings, Path directory, Progress progress, Optional<Path> flushTraces)
            throws IOException {
        this.brokers = brokers;
        this.settings = settings;
        this.directory = directory;
        this.progress = progress;
        this.flushTraces = flushTraces;
        delete(directory);
        Files.createDirectories(directory);
    }

    public Settings settings() {
        return settings;
    }

    Installation installation() {
        return brokers.installation();
    }

    Path directory() {
        return directory;
    }

    Progress progress() {
        return progress;
    }

    /** Starts the contender, alone or as a cluster, and waits until it serves. */
    Deployment deploy(Contender contender) throws IOException, InterruptedException {
        return switch (contender.topology()) {
            case SINGLE -> startSingle(contender, Ports.free()).awaitReady();
            case REPLICATED -> {
                Deployment cluster =
                        brokers.startReplicated(contender.kind(), directory, contender.brokerProperties(), flushTraces);
                started.add(cluster);
                yield cluster;
            }
        };
    }

    /** Starts a single broker without waiting for it. */
    Deployment startSingle(Contender contender, int port) throws IOException, InterruptedException {
        Deployment single =
                brokers.startSingle(contender.kind(), directory, port, contender.brokerProperties(), flushTraces);
        started.add(single);
        return single;
    }

    /** Runs a client's job against a contender to its end. */
    Figures runClient(Contender contender, Deployment deployment, JobSpec job)
            throws IOException, InterruptedException {
        try (ClientProcess client =
                startClient(contender, deployment.ports(), job.with("brokerPids", pidsInWords(deployment)))) {
            return client.awaitFigures();
        }
    }

    static String pidsInWords(Deployment deployment) {
        return deployment.pids().stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    /** Starts a client, with the library that goes with the contender and the protocol of the job. */
    ClientProcess startClient(Contender contender, List<Integer> ports, JobSpec job) throws IOException {
        boolean overKafka = job.words().containsKey("topic");
        BrokerKind library = overKafka ? BrokerKind.KAFKA : contender.kind();
        JobSpec whole = job.with("dataDirectory", directory)
                .with("uri", overKafka ? JmsProviders.addresses(ports) : JmsProviders.uri(contender.kind(), ports))
                .with("factory", overKafka ? "" : JmsProviders.factory(contender.kind()));
        return ClientProcess.start(
                brokers.installation(),
                library,
                settings.clientHeap(),
                whole,
                directory.resolve("client.log"),
                progress::step);
    }

    @Override
    public void close() throws IOException, InterruptedException {
        for (Deployment deployment : started) {
            deployment.close();
        }
        delete(directory);
    }

    /** Leaves the directory as it is, for somebody who looks for the cause of a failure. */
    public void abandon() throws InterruptedException {
        for (Deployment deployment : started) {
            deployment.kill();
        }
    }

    private static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
