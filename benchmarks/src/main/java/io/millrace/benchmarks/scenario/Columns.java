package io.millrace.benchmarks.scenario;

import java.util.List;

/** The columns that scenarios share: rates, latencies in microseconds, and what a message cost. */
final class Columns {
    /** Figure that the suite adds from the traced run. */
    static final String FLUSHES = "flushes";

    private Columns() {}

    static List<Column> rate() {
        return List.of(Column.of("msg/s", "rate", 0).andCompared());
    }

    static List<Column> latency(String title, String figure) {
        return List.of(
                Column.of(title + " p50 us", figure + "P50", 0),
                Column.of("p99", figure + "P99", 0).andCompared(),
                Column.of("p99.9", figure + "P999", 0));
    }

    static List<Column> costs() {
        return List.of(
                Column.of("broker CPU us/msg", "brokerCpuUs", 1).andCompared(),
                Column.of("client CPU us/msg", "clientCpuUs", 1).andCompared(),
                Column.of("fsyncs/msg", FLUSHES, 4),
                Column.of("device flushes/msg", "deviceFlushes", 4),
                Column.of("device B/msg", "deviceBytes", 0));
    }

    static List<Column> join(List<List<Column>> parts) {
        return parts.stream().flatMap(List::stream).toList();
    }
}
