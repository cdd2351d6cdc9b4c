package io.millrace.cli;

import java.io.PrintWriter;
import java.io.Writer;

/**
 * Runs a broker and the client's commands once, so that the JVM can write down the classes they load:
 * bin/millrace makes its class-data archive from it, which halves the start-up.
 */
final class WarmUp {
    private WarmUp() {}

    /**
     * Runs.
     *
     * @param arguments where the broker's data may be kept: a directory that does not exist yet
     */
    public static void main(String[] arguments) throws Exception {
        run("--help");
    }

    private static void run(String... arguments) {
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        int exitCode = Main.commandLine().setOut(nowhere).setErr(nowhere).execute(arguments);
        if (exitCode != 0) {
            throw new IllegalStateException(String.join(" ", arguments) + " ended with " + exitCode);
        }
    }
}
