/** What is read beside a rate: CPU, flushes, disk bytes, latency; and how samples are summed up. */
@NullMarked
package io.millrace.benchmarks.measure;

import org.jspecify.annotations.NullMarked;
