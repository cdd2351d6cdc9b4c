package io.millrace.jms.message;

import jakarta.jms.JMSException;

/** What a message's {@code acknowledge()} does: its session's part. */
@FunctionalInterface
public interface Acknowledger {
    /** Acknowledges all that the session has consumed. */
    void acknowledge() throws JMSException;
}
