/** Lanes: the threads that partitions and connections are pinned to, and the answers that hop between them. */
@NullMarked
package io.millrace.broker.lane;

import org.jspecify.annotations.NullMarked;
