/** The Netty shell: event loops as lanes, the acceptor, frames in and out, the budget of bytes in flight. */
@NullMarked
package io.millrace.broker.server;

import org.jspecify.annotations.NullMarked;
