package io.millrace.benchmarks.client;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.Stream;

/** The process ids of the contender's brokers and what belongs to them: said in the job, or left in a file by then. */
final class BrokerPids {
    private BrokerPids() {}

    static List<Long> of(JobSpec spec) throws IOException {
        String file = spec.get("brokerPidFile", "");
        String pids = file.isEmpty()
                ? spec.get("brokerPids")
                : Files.readString(java.nio.file.Path.of(file)).strip();
        return Stream.of(pids.split(",", -1))
                .filter(pid -> !pid.isEmpty())
                .map(Long::valueOf)
                .toList();
    }
}
