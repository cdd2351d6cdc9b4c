package io.millrace.benchmarks.scenario;

import io.millrace.benchmarks.broker.BrokerKind;
import io.millrace.benchmarks.broker.BrokerProcess;
import io.millrace.benchmarks.broker.Brokers;
import io.millrace.benchmarks.broker.ClientProcess;
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
import org.jspecify.annotations.Nullable;

/** What one run of a scenario works with: an empty directory on the disk, and processes that end with it. */
public final class Workbench implements AutoCloseable {
    private final Brokers brokers;
    private final Settings settings;
    private final Path directory;
    private final Progress progress;
    private final Optional<Path> flushTrace;
    private final List<BrokerProcess> started = new ArrayList<>();

    public Workbench(Brokers brokers, Settings settings, Path directory, Progress progress, Optional<Path> flushTrace)
            throws IOException {
        this.brokers = brokers;
        this.settings = settings;
        this.directory = directory;
        this.progress = progress;
        this.flushTrace = flushTrace;
        delete(directory);
        Files.createDirectories(directory);
    }

    public Settings settings() {
        return settings;
    }

    Path directory() {
        return directory;
    }

    Progress progress() {
        return progress;
    }

    BrokerProcess startBroker(Contender contender) throws IOException, InterruptedException {
        return startBroker(contender, Ports.free()).awaitReady();
    }

    /** Starts a broker without waiting for it. */
    BrokerProcess startBroker(Contender contender, int port) throws IOException, InterruptedException {
        BrokerProcess broker =
                brokers.start(contender.kind(), directory, port, contender.brokerProperties(), flushTrace);
        started.add(broker);
        return broker;
    }

    /** Runs a client's job against a broker to its end. */
    Figures runClient(Contender contender, BrokerProcess broker, JobSpec job) throws IOException, InterruptedException {
        try (ClientProcess client = startClient(contender, broker.port(), job.with("brokerPid", broker.pid()))) {
            return client.awaitFigures();
        }
    }

    /** Starts a client, with the library that goes with the contender and the protocol of the job. */
    ClientProcess startClient(Contender contender, int port, JobSpec job) throws IOException {
        boolean overKafka = job.words().containsKey("topic");
        BrokerKind library = overKafka ? BrokerKind.KAFKA : contender.kind();
        JobSpec whole = job.with("dataDirectory", directory)
                .with("uri", overKafka ? "127.0.0.1:" + port : JmsProviders.uri(contender.kind(), port))
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
        for (BrokerProcess broker : started) {
            broker.close();
        }
        delete(directory);
    }

    /** Leaves the directory as it is, for somebody who looks for the cause of a failure. */
    public void abandon() throws InterruptedException {
        for (BrokerProcess broker : started) {
            broker.kill();
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
