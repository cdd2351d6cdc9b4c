package io.millrace.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A broker in a process of its own, which can be killed at any moment. Its stderr goes to {@code broker.log} beside the data. */
final class BrokerProcess implements AutoCloseable {
    private static final String READY = "millrace: ready on ";

    private final Process process;
    private final String address;

    private BrokerProcess(Process process, String address) {
        this.process = process;
        this.address = address;
    }

    /**
     * Starts a broker and waits until it says that it is ready.
     *
     * @param port 0 for a free one
     * @throws IllegalStateException with the broker's own words if it ends instead
     */
    static BrokerProcess start(Path data, int port, String... arguments) throws IOException {
        return start(data, port, List.of(), arguments);
    }

    /**
     * Starts a broker and waits until it says that it is ready.
     *
     * @param jvm further options of its JVM
     * @throws IllegalStateException with the broker's own words if it ends instead
     */
    static BrokerProcess start(Path data, int port, List<String> jvm, String... arguments) throws IOException {
        return start(data, command(data, port, jvm, arguments));
    }

    /** Starts a broker that may have so many files open, sockets among them, and waits until it says that it is ready. */
    static BrokerProcess startWithFiles(int most, Path data) throws IOException {
        List<String> command = new ArrayList<>(List.of("bash", "-c", "ulimit -n " + most + " && exec \"$@\"", "bash"));
        command.addAll(command(data, 0));
        return start(data, command);
    }

    private static BrokerProcess start(Path data, List<String> command) throws IOException {
        Path log = data.resolveSibling("broker.log");
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith(READY)) {
                return new BrokerProcess(process, line.substring(READY.length()));
            }
        }
        throw new IllegalStateException("the broker ended before it was ready:\n" + Files.readString(log));
    }

    static List<String> command(Path data, int port, String... arguments) {
        return command(data, port, List.of(), arguments);
    }

    private static List<String> command(Path data, int port, List<String> jvm, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:MaxDirectMemorySize=256m",
                "-cp",
                classPath()));
        command.addAll(jvm);
        command.addAll(
                List.of("io.millrace.cli.Main", "broker", "--data", data.toString(), "--listen", "127.0.0.1:" + port));
        command.addAll(List.of(arguments));
        return command;
    }

    static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    /** {@code host:port}, as the broker printed it. */
    String address() {
        return address;
    }

    int port() {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    String url() {
        return "millrace://" + address;
    }

    long pid() {
        return process.pid();
    }

    /** SIGSTOP: it does nothing, and its connections stay. */
    void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** SIGCONT. */
    void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        int status = new ProcessBuilder("kill", "-" + name, String.valueOf(pid()))
                .inheritIO()
                .start()
                .waitFor();
        if (status != 0) {
            throw new IOException("kill -" + name + " " + pid() + " ended with " + status);
        }
    }

    /** kill -9. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** SIGTERM; the exit code. */
    int terminate() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IllegalStateException("the broker did not end within 20 s of SIGTERM");
        }
        return process.exitValue();
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
