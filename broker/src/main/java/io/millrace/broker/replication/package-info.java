/** How replicas are brought from leaders to followers: one standing request for each pair of brokers, for all partitions. */
@NullMarked
package io.millrace.broker.replication;

import org.jspecify.annotations.NullMarked;
