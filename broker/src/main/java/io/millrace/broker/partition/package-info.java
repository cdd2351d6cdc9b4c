/**
 * One replica of a partition: appends, high watermark, fetches, and the delivery engine over its two logs. A core: no I/O of its own,
 * no clock, no threads; storage, journal and lane are ports.
 */
@NullMarked
package io.millrace.broker.partition;

import org.jspecify.annotations.NullMarked;
