/** Kafka's own APIs, each at every version advertised. */
@NullMarked
package io.millrace.broker.kafka;

import org.jspecify.annotations.NullMarked;
