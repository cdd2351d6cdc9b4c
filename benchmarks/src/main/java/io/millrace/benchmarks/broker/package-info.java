/** Brokers as processes: started, watched, killed. */
@NullMarked
package io.millrace.benchmarks.broker;

import org.jspecify.annotations.NullMarked;
