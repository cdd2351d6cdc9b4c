/** Virtual time, seeded chance and the trace: what makes one seed one run. */
@NullMarked
package io.millrace.simulation.kernel;

import org.jspecify.annotations.NullMarked;
