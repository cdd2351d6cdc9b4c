package io.millrace.benchmarks;

import io.millrace.benchmarks.broker.ArtemisJournal;
import io.millrace.benchmarks.broker.BrokerKind;
import io.millrace.benchmarks.broker.Brokers;
import io.millrace.benchmarks.broker.Installation;
import io.millrace.benchmarks.broker.Memory;
import io.millrace.benchmarks.broker.SyncProbe;
import io.millrace.benchmarks.measure.FlushTrace;
import io.millrace.benchmarks.report.Report;
import io.millrace.benchmarks.scenario.Progress;
import io.millrace.benchmarks.scenario.Scenario;
import io.millrace.benchmarks.scenario.ScenarioResult;
import io.millrace.benchmarks.scenario.Scenarios;
import io.millrace.benchmarks.scenario.Settings;
import io.millrace.benchmarks.scenario.Suite;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The one command: runs scenarios and reports. */
@Command(
        name = "benchmarks/run",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Runs Millrace beside Apache Artemis and Apache Kafka, each broker and its client in JVMs of their own,"
                        + " in turn, on a real disk. Prints medians and ratios, and leaves every round's figures as JSON.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:measured and verified", "1:a scenario failed", "2:usage"})
public final class BenchmarksCommand implements Callable<Integer> {
    private static final int QUICK_SECONDS = 2;
    private static final long QUICK_BACKLOG = 20_000;
    private static final String QUICK_BULK = "64m";

    @Parameters(paramLabel = "SCENARIO", description = "Which to run; all if none is named.")
    private List<String> names = new ArrayList<>();

    @Option(names = "--list", description = "List the scenarios and stop.")
    private boolean list;

    @Option(names = "--rounds", paramLabel = "N", description = "Rounds of each contender (default: 5, quick: 1).")
    private @Nullable Integer rounds;

    @Option(names = "--seconds", paramLabel = "N", description = "Length of a measured window (default: 10, quick: 2).")
    private @Nullable Integer seconds;

    @Option(names = "--warmup", paramLabel = "N", description = "Seconds of load before it (default: 10, quick: 1).")
    private @Nullable Integer warmup;

    @Option(names = "--quick", description = "Short: shows that everything works, not how fast.")
    private boolean quick;

    @Option(
            names = "--heap",
            paramLabel = "[BROKER=]SIZE",
            description =
                    "Heap of the brokers, -Xms and -Xmx; with millrace=, artemis= or kafka= of that one (default: 2g).")
    private List<String> heaps = new ArrayList<>();

    @Option(
            names = "--direct",
            paramLabel = "[BROKER=]SIZE",
            description = "-XX:MaxDirectMemorySize of the brokers (default: 256m).")
    private List<String> directs = new ArrayList<>();

    @Option(
            names = "--client-heap",
            paramLabel = "SIZE",
            defaultValue = "1g",
            description = "Heap of the clients (default: 1g).")
    private String clientHeap = "";

    @Option(
            names = "--backlog",
            paramLabel = "N",
            description = "Messages of a backlog (default: 1000000, quick: 20000).")
    private @Nullable Long backlog;

    @Option(names = "--bulk", paramLabel = "SIZE", description = "Bytes of kafka-bulk (default: 4g, quick: 64m).")
    private @Nullable String bulk;

    @Option(
            names = "--window",
            paramLabel = "N",
            defaultValue = "256",
            description = "Unconfirmed sends of an asynchronous producer (default: 256).")
    private int window;

    @Option(
            names = "--artemis-journal",
            paramLabel = "TYPE",
            description = "nio or asyncio (default: asyncio where libaio is installed, as Artemis chooses).")
    private @Nullable String artemisJournal;

    @Option(
            names = "--artemis-timeout",
            paramLabel = "NANOS",
            description = "Artemis's journal-buffer-timeout (default: as measured).")
    private @Nullable Long artemisTimeoutNs;

    @Option(names = "--only", paramLabel = "LABEL", description = "Only this contender; may be given again.")
    private List<String> only = new ArrayList<>();

    @Option(names = "--no-trace", description = "Do not count fsyncs in a run of its own under strace.")
    private boolean noTrace;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "Where the brokers' data goes: on the disk to be measured (default: benchmarks/target/data).")
    private @Nullable Path directory;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "Where the raw figures go (default: benchmarks/target/results/TIME.json).")
    private @Nullable Path jsonFile;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new BenchmarksCommand()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintStream out = System.out;
        if (list) {
            Scenarios.all().forEach(scenario -> out.printf("%-28s%s%n", scenario.name(), scenario.about()));
            return 0;
        }
        List<Scenario> scenarios = names.isEmpty()
                ? Scenarios.all()
                : names.stream().map(Scenarios::named).toList();
        Path root = Path.of(System.getProperty("millrace.root", "."));
        Path data = directory != null ? directory.toAbsolutePath() : root.resolve("benchmarks/target/data");
        Files.createDirectories(data);
        Settings settings = settings();
        Memory memory = Memory.parse("2g", heaps, "256m", directs);
        long syncNs = SyncProbe.nanosPerSync(data);
        ArtemisJournal journal = journal(syncNs);
        Installation installation = new Installation(
                root,
                Path.of(System.getProperty("millrace.benchmarks.jars", ".")),
                Path.of(System.getProperty("millrace.benchmarks.peers", ".")));
        Brokers brokers = new Brokers(installation, memory, journal);
        boolean tracing = !noTrace && FlushTrace.isAvailable();
        if (!noTrace && !tracing) {
            System.err.println(
                    "strace is not there or may not trace: fsyncs are not counted, the device's flushes are");
        }

        Progress progress =
                new Progress(System.err, Boolean.getBoolean("millrace.terminal"), runs(scenarios, settings, tracing));
        Suite suite = new Suite(brokers, settings, data, progress, tracing, new HashSet<>(only));
        Map<String, Object> conditions = new Conditions(installation, memory, journal, settings, syncNs)
                .describe(data, System.getProperty("millrace.commit", ""));
        String started = LocalDateTime.now(ZoneOffset.UTC).format(DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss"));
        Path file = jsonFile != null
                ? jsonFile.toAbsolutePath()
                : root.resolve("benchmarks/target/results/" + started + ".json");
        Files.createDirectories(file.getParent());
        List<ScenarioResult> results = new ArrayList<>();
        for (Scenario scenario : scenarios) {
            results.add(suite.run(scenario));
            Files.writeString(file, new Report(conditions, results).json()); // what is there survives an interruption
        }
        progress.end();
        out.print(new Report(conditions, results).table());
        out.println("\nmedians of " + settings.rounds() + " rounds; heap " + heapsInWords(memory) + "; raw figures in "
                + file);
        return results.stream().allMatch(result -> result.failure().isEmpty()) ? 0 : 1;
    }

    private Settings settings() {
        return new Settings(
                rounds != null ? rounds : quick ? 1 : 5,
                (warmup != null ? warmup : quick ? 1 : 10) * 1000,
                (seconds != null ? seconds : quick ? QUICK_SECONDS : 10) * 1000,
                backlog != null ? backlog : quick ? QUICK_BACKLOG : 1_000_000,
                bytes(bulk != null ? bulk : quick ? QUICK_BULK : "4g"),
                window,
                clientHeap);
    }

    private ArtemisJournal journal(long syncNs) throws IOException {
        ArtemisJournal.Type type =
                artemisJournal != null ? ArtemisJournal.Type.named(artemisJournal) : ArtemisJournal.Type.bestHere();
        return new ArtemisJournal(type, artemisTimeoutNs != null ? artemisTimeoutNs : syncNs, syncNs);
    }

    private int runs(List<Scenario> scenarios, Settings settings, boolean tracing) {
        int runs = 0;
        for (Scenario scenario : scenarios) {
            long contenders = scenario.contenders().stream()
                    .filter(contender -> only.isEmpty() || only.contains(contender.label()))
                    .count();
            runs += (int) contenders * (settings.rounds() + (tracing && scenario.countsFlushes() ? 1 : 0));
        }
        return runs;
    }

    private static String heapsInWords(Memory memory) {
        List<String> words = new ArrayList<>();
        for (BrokerKind kind : BrokerKind.values()) {
            words.add(kind.lowerCase() + " " + memory.heapOf(kind));
        }
        return String.join(", ", words);
    }

    private static long bytes(String size) {
        String digits = size.replaceAll("[kKmMgG]$", "");
        int shift =
                switch (size.substring(digits.length())) {
                    case "k", "K" -> 10;
                    case "m", "M" -> 20;
                    case "g", "G" -> 30;
                    default -> 0;
                };
        return Long.parseLong(digits) << shift;
    }
}
