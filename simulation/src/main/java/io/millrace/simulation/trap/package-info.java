/** What other systems have fallen into, as scripts: each a fixed course of faults, and the planted bug that must be found on it. */
@NullMarked
package io.millrace.simulation.trap;

import org.jspecify.annotations.NullMarked;
