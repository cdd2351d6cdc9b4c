package io.millrace.benchmarks.broker;

import io.millrace.benchmarks.client.ClientMain;
import io.millrace.benchmarks.client.ClientOutput;
import io.millrace.benchmarks.client.JobSpec;
import io.millrace.benchmarks.client.LoadFailure;
import io.millrace.benchmarks.measure.Figures;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A running client's process: one job, then its figures. */
public final class ClientProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader in;
    private final Path log;
    private final BiConsumer<Double, String> progress;

    private ClientProcess(Process process, Path log, BiConsumer<Double, String> progress) {
        this.process = process;
        this.in = process.inputReader(StandardCharsets.UTF_8);
        this.log = log;
        this.progress = progress;
    }

    /** Starts it; {@code kind} says whose client library it has. How far it is goes to {@code progress}. */
    public static ClientProcess start(
            Installation installation,
            BrokerKind kind,
            String heap,
            JobSpec spec,
            Path log,
            BiConsumer<Double, String> progress)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Installation.java(),
                "-Xms" + heap,
                "-Xmx" + heap,
                "-XX:+UseG1GC",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-cp",
                installation.classPath(kind),
                ClientMain.class.getName()));
        command.addAll(spec.toArguments());
        Process process = Children.adopt(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start());
        return new ClientProcess(process, log, progress);
    }

    /** Waits until the client has said anything: then its JVM is up and its job has begun. */
    public void awaitFirstWord() throws IOException {
        in.mark(1);
        if (in.read() >= 0) {
            in.reset();
        }
    }

    /** Passes its progress on until it ends. */
    public Figures awaitFigures() throws IOException, InterruptedException {
        Figures figures = null;
        String failure = null;
        String line;
        while ((line = in.readLine()) != null) {
            if (line.startsWith(ClientOutput.PROGRESS)) {
                String[] words = line.substring(ClientOutput.PROGRESS.length()).split(" ", 2);
                progress.accept(Double.valueOf(words[0]), words[1]);
            } else if (line.startsWith(ClientOutput.FIGURES)) {
                figures = Figures.parse(line.substring(ClientOutput.FIGURES.length()));
            } else if (line.startsWith(ClientOutput.FAILED)) {
                failure = line.substring(ClientOutput.FAILED.length());
            }
        }
        return checked(figures, failure, process.waitFor());
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private Figures checked(@Nullable Figures figures, @Nullable String failure, int exitCode) {
        if (failure != null) {
            throw new LoadFailure(failure + " (see " + log + ")");
        }
        if (exitCode != 0 || figures == null) {
            throw new LoadFailure("the client ended with exit code " + exitCode + " (see " + log + ")");
        }
        return figures;
    }
}
