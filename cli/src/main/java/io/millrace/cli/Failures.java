package io.millrace.cli;

import io.millrace.broker.config.ConfigException;
import io.millrace.protocol.ErrorCode;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.JMSSecurityException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a failure is to the user: one line with a hint, and an exit code. */
final class Failures {
    private static final String REFUSED = "connection refused"; // as the client words it, without a cause

    private Failures() {}

    static int exitCode(Throwable failure) {
        if (failure instanceof CommandException own) {
            return own.exitCode();
        }
        return find(failure, ConfigException.class) == null ? Main.FAILED : Main.USAGE;
    }

    /** The failure's error code where it has one, what it is, and what to do about it. */
    static String line(Throwable failure) {
        String code = errorCode(failure);
        String line = (code.isEmpty() ? "" : code + ": ") + oneLine(message(failure));
        String hint = hint(failure);
        return hint.isEmpty() || line.contains(hint) ? line : line + "; " + hint;
    }

    /** As the broker named it, or the client, in the words of the wire. */
    private static String errorCode(Throwable failure) {
        if (failure instanceof CommandException own) {
            return own.errorCode();
        }
        JMSException checked = find(failure, JMSException.class);
        if (checked != null) {
            return Objects.requireNonNullElse(checked.getErrorCode(), "");
        }
        JMSRuntimeException unchecked = find(failure, JMSRuntimeException.class);
        if (unchecked != null) {
            return Objects.requireNonNullElse(unchecked.getErrorCode(), "");
        }
        return find(failure, ConfigException.class) == null ? "" : ErrorCode.INVALID_CONFIG.name();
    }

    /** The text without line breaks. */
    static String oneLine(@Nullable String text) {
        return text == null ? "" : text.strip().replaceAll("\\s*\\R\\s*", " ");
    }

    private static String message(Throwable failure) {
        String message = failure.getMessage();
        if (message == null || message.isBlank()) {
            Throwable cause = failure.getCause();
            return cause == null ? failure.getClass().getSimpleName() : message(cause);
        }
        return message;
    }

    private static String hint(Throwable failure) {
        if (find(failure, ConnectException.class) != null || message(failure).contains(REFUSED)) {
            return "is the broker running? bin/millrace broker";
        }
        if (find(failure, UnknownHostException.class) != null) {
            return "check the host in --url";
        }
        if (find(failure, JMSSecurityException.class) != null) {
            return "give --user and --password";
        }
        if (find(failure, InvalidDestinationException.class) != null) {
            return "millrace queue list and topic list show what there is";
        }
        if (find(failure, InvalidClientIDException.class) != null) {
            return "give another --client-id, or stop who uses this one";
        }
        return "";
    }

    private static <T extends Throwable> @Nullable T find(Throwable failure, Class<T> type) {
        Set<Throwable> seen = new HashSet<>();
        for (Throwable cause = failure; cause != null && seen.add(cause); cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return type.cast(cause);
            }
        }
        return null;
    }
}
