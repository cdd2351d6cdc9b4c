package io.millrace.benchmarks.scenario;

import io.millrace.benchmarks.client.JobSpec;

/** The jobs that make a backlog and drain it. */
final class BacklogJobs {
    private static final int SIZE_BYTES = 1024;
    private static final int CONNECT_TIMEOUT_MS = 180_000;

    private BacklogJobs() {}

    static JobSpec fill(Settings settings) {
        return JobSpec.of("queue-fill")
                .with("queue", "bench")
                .with("sizeBytes", SIZE_BYTES)
                .with("window", settings.window())
                .with("count", settings.backlog());
    }

    static JobSpec drain(Settings settings) {
        return JobSpec.of("queue-drain")
                .with("queue", "bench")
                .with("sizeBytes", SIZE_BYTES)
                .with("connectTimeoutMs", CONNECT_TIMEOUT_MS)
                .with("count", settings.backlog());
    }
}
