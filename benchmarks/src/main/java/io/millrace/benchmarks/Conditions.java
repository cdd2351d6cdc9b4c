package io.millrace.benchmarks;

import io.millrace.benchmarks.broker.ArtemisJournal;
import io.millrace.benchmarks.broker.BrokerKind;
import io.millrace.benchmarks.broker.Installation;
import io.millrace.benchmarks.broker.Memory;
import io.millrace.benchmarks.measure.BlockDevice;
import io.millrace.benchmarks.scenario.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/** Under which conditions was measured: the machine, the programs, the settings. */
record Conditions(Installation installation, Memory memory, ArtemisJournal journal, Settings settings, long syncNs) {

    Map<String, Object> describe(Path data, String commit) throws IOException {
        Map<String, Object> conditions = new LinkedHashMap<>();
        conditions.put("started", Instant.now().toString());
        conditions.put("millraceCommit", commit);
        conditions.put("machine", machine(data));
        Map<String, Object> brokers = new LinkedHashMap<>();
        for (BrokerKind kind : BrokerKind.values()) {
            Map<String, Object> broker = new LinkedHashMap<>();
            broker.put("version", installation.versionOf(kind));
            broker.put("heap", memory.heapOf(kind));
            broker.put("direct", memory.directOf(kind));
            brokers.put(kind.lowerCase(), broker);
        }
        conditions.put("brokers", brokers);
        conditions.put("artemisJournal", journal.type().name());
        conditions.put("artemisJournalBufferTimeoutNs", journal.bufferTimeoutNs());
        conditions.put("rounds", settings.rounds());
        conditions.put("warmupMs", settings.warmupMs());
        conditions.put("measureMs", settings.measureMs());
        conditions.put("backlog", settings.backlog());
        conditions.put("bulkBytes", settings.bulkBytes());
        conditions.put("window", settings.window());
        conditions.put("clientHeap", settings.clientHeap());
        return conditions;
    }

    private Map<String, Object> machine(Path data) throws IOException {
        Map<String, Object> machine = new LinkedHashMap<>();
        machine.put("cores", Runtime.getRuntime().availableProcessors());
        machine.put("cpu", cpu());
        machine.put("memory", firstLine("/proc/meminfo").replaceAll("\\s+", " "));
        machine.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        machine.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        machine.put("fileSystem", Files.getFileStore(data).type());
        machine.put("device", BlockDevice.below(data).map(BlockDevice::name).orElse("none: not a disk"));
        machine.put("fdatasync4KiBUs", syncNs / 1000.0);
        return machine;
    }

    private static String cpu() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        }
    }

    private static String firstLine(String file) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of(file))) {
            return lines.findFirst().orElse("");
        }
    }
}
