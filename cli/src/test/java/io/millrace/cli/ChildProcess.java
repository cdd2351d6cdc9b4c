package io.millrace.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process whose two outputs are collected line by line while it runs. */
final class ChildProcess implements AutoCloseable {
    private final Process process;
    private final List<String> out = new ArrayList<>();
    private final List<String> err = new ArrayList<>();
    private final Thread outReader;
    private final Thread errReader;

    private ChildProcess(Process process) {
        this.process = process;
        this.outReader = reader(process.getInputStream(), out);
        this.errReader = reader(process.getErrorStream(), err);
    }

    /** Runs a program. */
    static ChildProcess start(List<String> command) throws IOException {
        return new ChildProcess(new ProcessBuilder(command).start());
    }

    /** Runs a class of this class path in a JVM of its own. */
    static ChildProcess java(Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                BrokerProcess.classPath(),
                main.getName()));
        command.addAll(List.of(arguments));
        return start(command);
    }

    /** Gives the process its standard input, all of it. */
    ChildProcess input(String text) throws IOException {
        try (OutputStream in = process.getOutputStream()) {
            in.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return this;
    }

    private Thread reader(InputStream stream, List<String> lines) {
        Thread thread = new Thread(() -> {
            try (BufferedReader in = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    synchronized (lines) {
                        lines.add(line);
                    }
                }
            } catch (IOException e) {
                // The process is gone.
            }
        });
        thread.start();
        return thread;
    }

    /** What it has printed so far. */
    List<String> out() {
        synchronized (out) {
            return List.copyOf(out);
        }
    }

    /** What it has said on stderr so far. */
    List<String> err() {
        synchronized (err) {
            return List.copyOf(err);
        }
    }

    /** SIGTERM, or what {@code kill -NAME} takes. */
    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
    }

    /** kill -9, and all that it had printed is read. */
    void kill() throws InterruptedException {
        process.toHandle().destroyForcibly(); // the process itself would close its pipes, with what is in them
        process.waitFor();
        outReader.join();
        errReader.join();
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** The exit code, after all its output was read. */
    int exitCode(int seconds) throws InterruptedException {
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
            kill();
            throw new IllegalStateException("did not end within " + seconds + " s; it said " + out() + err());
        }
        outReader.join();
        errReader.join();
        return process.exitValue();
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
