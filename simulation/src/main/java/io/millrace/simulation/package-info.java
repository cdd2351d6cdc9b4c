/** A whole cluster under virtual time and injected faults. */
@NullMarked
package io.millrace.simulation;

import org.jspecify.annotations.NullMarked;
