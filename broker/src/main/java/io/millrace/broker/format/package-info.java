/** The versions of what is stored and sent between brokers, and the level at which the cluster writes it. */
@NullMarked
package io.millrace.broker.format;

import org.jspecify.annotations.NullMarked;
