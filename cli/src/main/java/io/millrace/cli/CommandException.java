package io.millrace.cli;

/** A command's own failure: one line for the user, and the exit code. */
final class CommandException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    CommandException(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    /** The command failed. */
    static CommandException failed(String message) {
        return new CommandException(Main.FAILED, message);
    }

    /** The command was asked for something it does not take. */
    static CommandException usage(String message) {
        return new CommandException(Main.USAGE, message);
    }

    int exitCode() {
        return exitCode;
    }
}
