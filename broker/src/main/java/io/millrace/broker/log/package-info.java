/**
 * The log: segments of record batches with their index, producer states and leader epochs, and the files of one partition. A core: files
 * are reached through {@link io.millrace.broker.log.StorageDirectory}.
 */
@NullMarked
package io.millrace.broker.log;

import org.jspecify.annotations.NullMarked;
