package io.millrace.benchmarks.scenario;

import io.millrace.benchmarks.broker.Children;
import io.millrace.benchmarks.broker.Deployment;
import io.millrace.benchmarks.client.LoadFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What an operator types at a cluster of Millrace. */
final class ClusterCommands {
    private static final int PARTITIONS_PER_QUEUE = 1000;
    private static final long TIMEOUT_S = 120;

    private final Path command;
    private final String uri;

    ClusterCommands(Workbench bench, Contender contender, Deployment deployment) {
        this.command = bench.installation().millraceCommand();
        this.uri = JmsProviders.uri(contender.kind(), deployment.ports());
    }

    /** Creates queues with that many partitions of three replicas in all. */
    void createPartitions(int count) throws IOException, InterruptedException {
        for (int created = 0, queue = 0; created < count; queue++) {
            int partitions = Math.min(count - created, PARTITIONS_PER_QUEUE);
            run("queue", "create", "idle" + queue, "--partitions", Integer.toString(partitions), "--replicas", "3");
            created += partitions;
        }
    }

    /** Waits until every partition has all its replicas in sync. */
    void awaitInSync() throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_S);
        while (!run("cluster").contains(" 0 offline, 0 under-replicated")) {
            if (System.nanoTime() - deadlineNs >= 0) {
                throw new LoadFailure("not all replicas are in sync after " + TIMEOUT_S + " s");
            }
        }
    }

    private String run(String... words) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of(command.toString()));
        line.addAll(List.of(words));
        line.addAll(List.of("--url", uri));
        Process process = Children.adopt(
                new ProcessBuilder(line).redirectErrorStream(true).start());
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new LoadFailure(String.join(" ", line) + " failed: " + output);
        }
        return output;
    }
}
