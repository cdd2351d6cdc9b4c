/** Disks: files and directories over NIO, the data directory, the journal's threads. */
@NullMarked
package io.millrace.broker.disk;

import org.jspecify.annotations.NullMarked;
