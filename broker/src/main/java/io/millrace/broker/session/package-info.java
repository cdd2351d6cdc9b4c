/**
 * The core of a connection: request frames in, response frames out, in the order that each kind of peer is promised. Knows no
 * channel: the transport is the port {@link io.millrace.broker.session.Connection}.
 */
@NullMarked
package io.millrace.broker.session;

import org.jspecify.annotations.NullMarked;
