package io.millrace.benchmarks.measure;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A stretch of time that is measured: what brokers, client and disk had used at its begin and at its end. Read in the
 * client's process at the very moment at which it starts and stops counting messages.
 */
public final class Window {
    private final List<Long> brokerPids;
    private final Optional<BlockDevice> device;
    private final long beginNs;
    private final double beginEpochSeconds;
    private final ProcessUsage brokerBefore;
    private final ProcessUsage clientBefore;
    private final BlockDevice.Work deviceBefore;

    private Window(List<Long> brokerPids, Optional<BlockDevice> device) throws IOException {
        this.brokerPids = List.copyOf(brokerPids);
        this.device = device;
        this.brokerBefore = ProcessUsage.ofAll(brokerPids);
        this.clientBefore = ProcessUsage.of(ProcessHandle.current().pid());
        this.deviceBefore = workOf(device);
        this.beginEpochSeconds = System.currentTimeMillis() / 1000.0;
        this.beginNs = System.nanoTime();
    }

    /** {@code brokerPids}: all processes of the contender, whose use is added up. */
    public static Window begin(List<Long> brokerPids, Path dataDirectory) throws IOException {
        return new Window(brokerPids, BlockDevice.below(dataDirectory));
    }

    public double elapsedSeconds() {
        return (System.nanoTime() - beginNs) / 1e9;
    }

    /** What {@code messages} messages took, each divided by them. */
    public Figures end(long messages) throws IOException {
        double seconds = elapsedSeconds();
        double endEpochSeconds = System.currentTimeMillis() / 1000.0;
        ProcessUsage broker = ProcessUsage.ofAll(brokerPids);
        ProcessUsage client = ProcessUsage.of(ProcessHandle.current().pid());
        BlockDevice.Work work = workOf(device);
        double divisor = (double) Math.max(messages, 1);
        Figures figures = Figures.NONE
                .with("messages", messages)
                .with("seconds", seconds)
                .with("rate", messages / seconds)
                .with("brokerCpuUs", (broker.cpuMs() - brokerBefore.cpuMs()) * 1000 / divisor)
                .with("clientCpuUs", (client.cpuMs() - clientBefore.cpuMs()) * 1000 / divisor)
                .with("brokerResidentMb", broker.residentBytes() / 1048576.0)
                .with("beginEpochSeconds", beginEpochSeconds)
                .with("endEpochSeconds", endEpochSeconds);
        if (device.isPresent()) {
            figures = figures.with("deviceFlushes", (work.flushes() - deviceBefore.flushes()) / divisor)
                    .with("deviceBytes", (work.writtenBytes() - deviceBefore.writtenBytes()) / divisor);
        }
        return figures;
    }

    private static BlockDevice.Work workOf(Optional<BlockDevice> device) throws IOException {
        return device.isPresent() ? device.get().work() : new BlockDevice.Work(0, 0);
    }
}
