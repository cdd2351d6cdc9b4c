package io.millrace.cli;

import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;

/** The option that shows what is usually kept short. Set by picocli. */
final class Verbose {
    private static final String NAME = "--verbose";

    @Option(
            names = {"-v", NAME},
            description = "Log more, and show where a failure came from.")
    private boolean verbose;

    boolean isOn() {
        return verbose;
    }

    /** Whether the command that was run was asked to be verbose. */
    static boolean isAsked(ParseResult parsed) {
        ParseResult innermost = parsed;
        while (innermost.hasSubcommand()) {
            innermost = innermost.subcommand();
        }
        return innermost.hasMatchedOption(NAME);
    }
}
