package io.millrace.benchmarks.broker;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** How a broker's process is started, and the line by which it says that it serves. */
record LaunchPlan(List<String> command, Map<String, String> environment, Pattern ready, int port) {
    LaunchPlan {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
    }
}
