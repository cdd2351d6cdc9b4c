/** The shell of a client connection: Netty channels, timers and the thread that owns the engine. Not part of the API. */
@NullMarked
package io.millrace.jms.transport;

import org.jspecify.annotations.NullMarked;
