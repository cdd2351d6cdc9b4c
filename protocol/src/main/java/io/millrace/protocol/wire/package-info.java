/** Frames: headers and bodies of requests and responses, Kafka's and the private ones, over Netty buffers. */
@NullMarked
package io.millrace.protocol.wire;

import org.jspecify.annotations.NullMarked;
