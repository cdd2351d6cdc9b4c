package io.millrace.broker.config;

/** From where a client without a user is let in. */
public enum AnonymousAccess {
    /** From the broker's own machine. */
    LOOPBACK,
    /** From everywhere. */
    ALWAYS,
    /** From nowhere. */
    NEVER
}
