/** The controller: who leads which partition, decided by one broker for the whole cluster. */
@NullMarked
package io.millrace.broker.cluster;

import org.jspecify.annotations.NullMarked;
