package io.millrace.benchmarks.broker;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * How a process is started, and the line by which it says that it serves.
 *
 * @param port where clients connect; {@link #NO_CLIENTS} if that is for others
 */
record LaunchPlan(String name, List<String> command, Map<String, String> environment, Pattern ready, int port) {
    static final int NO_CLIENTS = 0;

    LaunchPlan {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
    }
}
