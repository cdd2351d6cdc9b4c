/** Millrace measured side by side with its peers. */
@NullMarked
package io.millrace.benchmarks;

import org.jspecify.annotations.NullMarked;
