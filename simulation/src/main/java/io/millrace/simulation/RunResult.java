package io.millrace.simulation;

import io.millrace.simulation.check.PlantedBug;
import org.jspecify.annotations.Nullable;

/**
 * What came of a run. Immutable.
 *
 * @param kind the argument that says what is run
 * @param failure what was wrong, or null
 */
public record RunResult(
        long seed,
        String kind,
        PlantedBug bug,
        long traceHash,
        long events,
        int messages,
        int processed,
        @Nullable Throwable failure) {
    public boolean hasFailed() {
        return failure != null;
    }

    /** The same with a failure that was found out afterwards. */
    RunResult failing(Throwable found) {
        return new RunResult(seed, kind, bug, traceHash, events, messages, processed, found);
    }

    /** A few lines for somebody who reads: on a failure with the way to run it again. */
    public String summary() {
        StringBuilder text = new StringBuilder();
        text.append("seed ").append(seed).append(": ").append(messages).append(" messages, ");
        text.append(processed).append(" processed, ").append(events).append(" events, trace ");
        text.append(Long.toHexString(traceHash));
        Throwable cause = failure;
        if (cause != null) {
            text.append("\n  FAILED: ").append(cause);
            StackTraceElement[] stack = cause.getStackTrace();
            for (int i = 0; i < Math.min(12, stack.length); i++) {
                text.append("\n      at ").append(stack[i]);
            }
            text.append("\n  again: simulation/run ").append(kind.isEmpty() ? "" : kind + " ");
            text.append("--seeds ").append(seed).append(" --trace");
            if (bug != PlantedBug.NONE) {
                text.append(" --bug ").append(bug);
            }
        }
        return text.toString();
    }
}
