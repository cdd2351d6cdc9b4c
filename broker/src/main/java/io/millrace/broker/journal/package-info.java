/**
 * The write-ahead journal: what lanes hand over, how it lies on disk, when it may be forgotten, and how it is read again. A core: threads and
 * channels are in {@code io.millrace.broker.disk}.
 */
@NullMarked
package io.millrace.broker.journal;

import org.jspecify.annotations.NullMarked;
