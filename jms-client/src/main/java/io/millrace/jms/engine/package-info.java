/**
 * The core of a client connection: what to send, when to reconnect, what is settled. No input or output, no thread, no
 * clock; the shell in {@code io.millrace.jms.transport} and the simulator drive the same classes. Not part of the API.
 */
@NullMarked
package io.millrace.jms.engine;

import org.jspecify.annotations.NullMarked;
