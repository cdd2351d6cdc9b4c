/** The broker: the log, replication, the delivery engine, coordinators, the server. */
@NullMarked
package io.millrace.broker;

import org.jspecify.annotations.NullMarked;
