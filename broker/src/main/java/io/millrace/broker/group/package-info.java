/**
 * Consumer groups of Kafka's classic protocol: who is a member, who assigns what to whom, which offsets are committed. A core: no I/O, no
 * clock, no threads. {@link io.millrace.broker.group.GroupCoordinator} decides, {@link io.millrace.broker.group.GroupStore} is the fold of
 * what was committed to the partition of {@code __consumer_offsets} that the group belongs to, and {@link
 * io.millrace.broker.group.GroupPartition} joins both to that partition.
 */
@NullMarked
package io.millrace.broker.group;

import org.jspecify.annotations.NullMarked;
