/** What runs in the client's JVM: loads that verify what they measured. */
@NullMarked
package io.millrace.benchmarks.client;

import org.jspecify.annotations.NullMarked;
