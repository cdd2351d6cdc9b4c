package io.millrace.benchmarks.scenario;

/** How much is measured: rounds, seconds, messages, bytes. */
public record Settings(
        int rounds, int warmupMs, int measureMs, long backlog, long bulkBytes, int window, String clientHeap) {
    private static final int TRACED_MS = 3_000;
    private static final long TRACED_BACKLOG = 50_000;
    private static final long TRACED_BULK_BYTES = 256L << 20;

    public Settings {
        if (rounds < 1 || measureMs < 1 || backlog < 1 || bulkBytes < 1 || window < 1) {
            throw new IllegalArgumentException("rounds, seconds, backlog, bulk and window have to be positive");
        }
    }

    /** For the run in which flushes are counted: counts per message need no long time. */
    Settings forTrace() {
        return new Settings(
                1,
                Math.min(warmupMs, TRACED_MS),
                Math.min(measureMs, TRACED_MS),
                Math.min(backlog, TRACED_BACKLOG),
                Math.min(bulkBytes, TRACED_BULK_BYTES),
                window,
                clientHeap);
    }
}
