package io.millrace.benchmarks.client;

import io.millrace.benchmarks.measure.Figures;
import java.io.PrintStream;
import java.util.List;

/** The client's process: does one job, given as name=value arguments, and tells its figures on standard output. */
public final class ClientMain {
    private ClientMain() {}

    public static void main(String[] arguments) {
        PrintStream out = System.out;
        System.setOut(System.err); // what a library prints must not mix with what we tell
        ClientOutput output = new ClientOutput(out);
        int exitCode = 1;
        try {
            output.figures(run(JobSpec.parse(List.of(arguments)), output));
            exitCode = 0;
        } catch (Exception | Error e) {
            e.printStackTrace();
            output.failed(String.valueOf(e instanceof LoadFailure ? e.getMessage() : e));
        }
        System.exit(exitCode); // a provider may keep threads
    }

    private static Figures run(JobSpec spec, ClientOutput output) throws Exception {
        return switch (spec.get("job")) {
            case "queue-load" -> new QueueLoad(spec, output).run();
            case "queue-fill" -> new QueueFill(spec, output).run();
            case "queue-drain" -> new QueueDrain(spec, output).run();
            case "kafka-bulk" -> new KafkaBulk(spec, output).run();
            case "kafka-sync" -> new KafkaSync(spec, output).run();
            default -> throw new IllegalArgumentException("no such job: " + spec.get("job"));
        };
    }
}
