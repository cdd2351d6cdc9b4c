package io.millrace.cli;

import io.millrace.protocol.DestinationKind;
import io.millrace.protocol.DestinationName;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** What {@code queue} and {@code topic} have in common: their subcommands, which ask here for the kind. */
abstract sealed class DestinationCommand implements Runnable permits QueueCommand, TopicCommand {
    private final DestinationKind kind;

    @Spec
    private CommandSpec spec;

    DestinationCommand(DestinationKind kind) {
        this.kind = kind;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "missing command: create, list, describe or delete");
    }

    DestinationKind kind() {
        return kind;
    }

    /** The destination of this kind: the name may say the kind once more, as {@code queue:orders}. */
    DestinationName destination(String name, CommandSpec asked) {
        String prefix = kind.word() + ":";
        for (DestinationKind other : DestinationKind.values()) {
            if (other != kind && name.startsWith(other.word() + ":")) {
                throw new ParameterException(
                        asked.commandLine(),
                        "'" + name + "' is a " + other.word() + ": did you mean millrace " + other.word() + " "
                                + asked.name() + "? (A " + kind.word() + " of that very name is " + prefix + name
                                + ".)");
            }
        }
        try {
            return DestinationConverter.name(kind, name.startsWith(prefix) ? name.substring(prefix.length()) : name);
        } catch (TypeConversionException e) {
            throw new ParameterException(asked.commandLine(), e.getMessage());
        }
    }

    /** Says what was done to a destination: {@code created}, {@code deleted}. */
    static void report(CommandSpec spec, boolean json, DestinationName destination, String done) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("kind", destination.kind().word());
            object.put("name", destination.name());
            object.put(done, true);
            out.println(JsonWriter.write(object));
        } else {
            out.println(done + " " + destination);
        }
        out.flush();
    }
}
