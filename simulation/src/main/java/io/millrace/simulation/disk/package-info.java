/** A disk under virtual time: a page cache that a crash drops, tears and reorders, flushes that are slow or fail, bits that flip. */
@NullMarked
package io.millrace.simulation.disk;

import org.jspecify.annotations.NullMarked;
