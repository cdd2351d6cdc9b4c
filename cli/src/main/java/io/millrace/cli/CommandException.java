package io.millrace.cli;

import io.millrace.protocol.ErrorCode;
import jakarta.jms.JMSException;
import java.util.Objects;

/** A command's own failure: one line for the user, an error code where a broker would have one for it, and the exit code. */
final class CommandException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int exitCode;
    private final String errorCode;

    private CommandException(int exitCode, String errorCode, String message) {
        super(message);
        this.exitCode = exitCode;
        this.errorCode = errorCode;
    }

    /** The command failed. */
    static CommandException failed(String message) {
        return failed("", message);
    }

    /** The command failed, for a reason that brokers have a code for. */
    static CommandException failed(ErrorCode code, String message) {
        return failed(code.name(), message);
    }

    /** The command failed since a call did; with the code of that. */
    static CommandException failed(JMSException cause, String message) {
        CommandException failure = failed(Objects.requireNonNullElse(cause.getErrorCode(), ""), message);
        failure.initCause(cause);
        return failure;
    }

    /** The same, with the name of the code. */
    static CommandException failed(String errorCode, String message) {
        return new CommandException(Main.FAILED, errorCode, message);
    }

    /** The command was asked for something it does not take. */
    static CommandException usage(String message) {
        return new CommandException(Main.USAGE, "", message);
    }

    int exitCode() {
        return exitCode;
    }

    /** The name of the error code; empty if there is none. */
    String errorCode() {
        return errorCode;
    }
}
