package io.millrace.benchmarks.client;

import java.io.IOException;
import java.nio.file.Files;

/** The broker's process id: said in the job, or left in a file by then. */
final class BrokerPid {
    private BrokerPid() {}

    static long of(JobSpec spec) throws IOException {
        String file = spec.get("brokerPidFile", "");
        return file.isEmpty()
                ? spec.getLong("brokerPid")
                : Long.parseLong(Files.readString(java.nio.file.Path.of(file)).strip());
    }
}
