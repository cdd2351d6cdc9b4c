package io.millrace.broker.config;

/** What reads and writes sockets. */
public enum Transport {
    /** Linux's epoll where there is one, otherwise Java's own. */
    AUTO,
    /** Linux's epoll. */
    EPOLL,
    /** Java's own. */
    NIO
}
