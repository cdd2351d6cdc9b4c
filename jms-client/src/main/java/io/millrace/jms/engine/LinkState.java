package io.millrace.jms.engine;

/** Where a {@link Link} stands: CONNECTING, then GREETING, then READY; CLOSED from any. */
enum LinkState {
    /** The shell connects. */
    CONNECTING,
    /** Hello was sent. */
    GREETING,
    /** Requests may be sent. */
    READY,
    /** Lost, refused or given up. */
    CLOSED
}
