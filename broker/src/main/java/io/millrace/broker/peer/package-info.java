/**
 * This broker's connections to the other brokers of its cluster, and whether those live. Knows no channel: the transport is the port
 * {@link io.millrace.broker.peer.PeerChannel}, the whole of it the port {@link io.millrace.broker.peer.Peers}.
 */
@NullMarked
package io.millrace.broker.peer;

import org.jspecify.annotations.NullMarked;
