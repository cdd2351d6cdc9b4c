package io.millrace.cli;

import java.io.PrintStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code millrace}. Exit codes: 0 done, 1 failed, 2 usage. */
@Command(
        name = "millrace",
        mixinStandardHelpOptions = true,
        versionProvider = BuildVersion.class,
        description = "Jakarta Messaging over a replicated, replayable log.",
        subcommands = {BrokerCommand.class, DestinationCommand.Queue.class, DestinationCommand.Topic.class},
        footer = {
            "",
            "Examples:",
            "  millrace broker                        start a broker on 127.0.0.1:9092",
            "  millrace queue create orders           create the queue orders",
            "",
            "Exit codes: 0 done, 1 failed, 2 usage. MILLRACE_OPTS holds options for the JVM."
        })
public final class Main implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli fills it in before run()
    private CommandSpec spec;

    private Main() {}

    public static void main(String[] args) {
        System.exit(execute(args));
    }

    static int execute(String... args) {
        CommandLine commands = new CommandLine(new Main());
        commands.setCaseInsensitiveEnumValuesAllowed(true);
        commands.setUsageHelpAutoWidth(true);
        commands.setParameterExceptionHandler(Main::onUsage);
        commands.setExecutionExceptionHandler((failure, command, parsed) -> {
            Failures.print(failure, Verbose.isAsked(parsed), System.err);
            return CommandLine.ExitCode.SOFTWARE;
        });
        return commands.execute(args);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a subcommand is missing");
    }

    private static int onUsage(ParameterException wrong, String[] args) {
        CommandLine command = wrong.getCommandLine();
        PrintStream err = System.err;
        err.println("millrace: "
                + String.valueOf(wrong.getMessage()).lines().findFirst().orElse(""));
        CommandLine.UnmatchedArgumentException.printSuggestions(wrong, err);
        err.println("See '" + command.getCommandSpec().qualifiedName() + " --help'.");
        return CommandLine.ExitCode.USAGE;
    }
}
