package io.millrace.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command {@code millrace}. Exit codes: 0 done, 1 failed, 2 usage. */
@Command(
        name = "millrace",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = BuildVersion.class,
        synopsisSubcommandLabel = "COMMAND",
        usageHelpAutoWidth = true,
        usageHelpWidth = 110,
        description = "Jakarta Messaging over a replicated, replayable log.",
        subcommands = {
            BrokerCommand.class,
            SendCommand.class,
            ReceiveCommand.class,
            BrowseCommand.class,
            QueueCommand.class,
            TopicCommand.class,
            ClusterCommand.class
        },
        footer = {
            "",
            "Examples:",
            "  millrace broker                          a broker at 127.0.0.1:9092, data in ./millrace-data",
            "  millrace send orders 'one message'       to the queue orders, created on first use",
            "  millrace receive orders --count 1        and from it",
            "  millrace queue describe orders           what waits there",
            "  millrace cluster                         which brokers live and who leads what",
            "",
            "Exit codes: 0 done, 1 failed, 2 wrong usage."
        })
public final class Main implements Runnable {
    static final int FAILED = 1;
    static final int USAGE = 2;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description = "Show the stack trace of an error, and what the client logs.")
    private boolean verbose;

    private Main() {}

    public static void main(String[] args) {
        // Messages are UTF-8 whatever the terminal's locale.
        PrintWriter out = writer(FileDescriptor.out);
        PrintWriter err = writer(FileDescriptor.err);
        int exitCode = commandLine().setOut(out).setErr(err).execute(args);
        out.flush();
        err.flush();
        System.exit(exitCode);
    }

    /** The command with its subcommands, ready to execute; errors are lines on its {@code err}. */
    static CommandLine commandLine() {
        Main main = new Main();
        return new CommandLine(main)
                .registerConverter(Duration.class, new DurationConverter())
                .setExecutionStrategy(main::execute)
                .setExecutionExceptionHandler(main::onFailure)
                .setParameterExceptionHandler(Main::onWrongUsage);
    }

    private static PrintWriter writer(FileDescriptor descriptor) {
        return new PrintWriter(new OutputStreamWriter(
                new BufferedOutputStream(new FileOutputStream(descriptor)), StandardCharsets.UTF_8));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "missing command");
    }

    private int execute(ParseResult parsed) {
        if (verbose) {
            LogSetup.level("DEBUG");
        }
        int exitCode = new CommandLine.RunLast().execute(parsed);
        if (spec.commandLine().getOut().checkError()) {
            spec.commandLine().getErr().println("millrace: nobody reads the output any more");
            spec.commandLine().getErr().flush();
            return FAILED;
        }
        return exitCode;
    }

    private int onFailure(Exception failure, CommandLine commandLine, ParseResult parsed) {
        PrintWriter err = commandLine.getErr();
        if (verbose) {
            failure.printStackTrace(err);
        }
        err.println("millrace: " + Failures.line(failure));
        err.flush();
        return Failures.exitCode(failure);
    }

    private static @Nullable String wrongUsage(ParameterException wrong) {
        Set<String> commands = wrong.getCommandLine().getSubcommands().keySet();
        if (wrong instanceof UnmatchedArgumentException unmatched
                && !unmatched.isUnknownOption()
                && !commands.isEmpty()) {
            return "there is no command '" + unmatched.getUnmatched().get(0) + "', but " + String.join(", ", commands);
        }
        return wrong.getMessage();
    }

    private static int onWrongUsage(ParameterException wrong, String[] args) {
        PrintWriter err = wrong.getCommandLine().getErr();
        String command = wrong.getCommandLine().getCommandSpec().qualifiedName();
        err.println(command + ": " + Failures.oneLine(wrongUsage(wrong)) + "; try '" + command + " --help'");
        err.flush();
        return USAGE;
    }
}
