package io.millrace.cli;

import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSSecurityException;
import java.io.PrintStream;
import java.net.ConnectException;

/** How a failed command says why: one line, and what to do about it where that is known. */
final class Failures {
    private Failures() {}

    static void print(Throwable failure, boolean verbose, PrintStream err) {
        err.println("millrace: " + oneLine(failure));
        String hint = hint(failure);
        if (!hint.isEmpty()) {
            err.println("  " + hint);
        }
        if (verbose) {
            failure.printStackTrace(err);
        }
    }

    private static String oneLine(Throwable failure) {
        String message = failure.getMessage();
        if (message == null || message.isBlank()) {
            return failure.getClass().getSimpleName();
        }
        return message.strip().replaceAll("\\s*\\R\\s*", "; ");
    }

    private static String hint(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException) {
                return "Is a broker running there? 'millrace broker' starts one; --url names another.";
            }
            if (cause instanceof JMSSecurityException) {
                return "Give --user, and the password in --password or in MILLRACE_PASSWORD.";
            }
            if (cause instanceof InvalidDestinationException) {
                return "'millrace queue list' and 'millrace topic list' show what there is.";
            }
        }
        return "";
    }
}
