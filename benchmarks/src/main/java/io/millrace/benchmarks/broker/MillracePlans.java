package io.millrace.benchmarks.broker;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Starts Millrace as a user would: bin/millrace broker. */
final class MillracePlans {
    private static final Pattern READY = Pattern.compile("^millrace: ready on ");

    private MillracePlans() {}

    static LaunchPlan plan(Installation installation, Memory memory, Path data, int port) {
        return new LaunchPlan(
                List.of(
                        installation.millraceCommand().toString(),
                        "broker",
                        "--data",
                        data.resolve("millrace").toString(),
                        "--listen",
                        "127.0.0.1:" + port),
                Map.of("MILLRACE_OPTS", String.join(" ", memory.options(BrokerKind.MILLRACE))),
                READY,
                port);
    }
}
