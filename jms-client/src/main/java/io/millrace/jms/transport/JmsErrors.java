package io.millrace.jms.transport;

import io.millrace.jms.engine.EngineException;
import io.millrace.protocol.ErrorCode;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.ResourceAllocationException;

/** What the broker's error codes are in JMS (Jakarta Messaging 3.1, 8): the exception, with the code's name as its code. */
public final class JmsErrors {
    private JmsErrors() {}

    /** The exception for a failure, made on the thread that will see it. */
    public static JMSException of(String what, EngineException cause) {
        return of(new EngineException(cause.code(), what + ": " + cause.getMessage()));
    }

    /** The exception for a failure, made on the thread that will see it. */
    public static JMSException of(EngineException cause) {
        String text = cause.getMessage();
        String name = cause.code().name();
        return switch (cause.code()) {
            case AUTHENTICATION_FAILED,
                    SASL_AUTHENTICATION_FAILED,
                    TOPIC_AUTHORIZATION_FAILED,
                    CLUSTER_AUTHORIZATION_FAILED -> new JMSSecurityException(text, name);
            case INVALID_CLIENT_ID -> new InvalidClientIDException(text, name);
            case INVALID_DESTINATION,
                    INVALID_TOPIC_EXCEPTION,
                    DESTINATION_DELETED,
                    UNKNOWN_TOPIC_OR_PARTITION,
                    UNKNOWN_TOPIC_ID,
                    UNKNOWN_SUBSCRIPTION -> new InvalidDestinationException(text, name);
            case INVALID_SELECTOR -> new InvalidSelectorException(text, name);
            case SUBSCRIPTION_IN_USE -> new IllegalStateException(text, name);
            case DISK_FULL, CONNECTION_LIMIT, THROTTLING_QUOTA_EXCEEDED -> new ResourceAllocationException(text, name);
            default -> new JMSException(text, name);
        };
    }

    /** The exception for a thread that was interrupted while it waited. */
    public static JMSException interrupted(InterruptedException cause) {
        JMSException exception = new JMSException("the thread was interrupted while it waited", "INTERRUPTED");
        exception.setLinkedException(cause);
        exception.initCause(cause);
        return exception;
    }

    /** The exception for what is not built yet. */
    public static JMSException notSupportedYet(String what) {
        return new JMSException("not supported yet: " + what, ErrorCode.UNSUPPORTED_FEATURE.name());
    }
}
