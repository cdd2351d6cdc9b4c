/** Connections under virtual time: in order while they live, dying at any moment with data in flight. */
@NullMarked
package io.millrace.simulation.network;

import org.jspecify.annotations.NullMarked;
