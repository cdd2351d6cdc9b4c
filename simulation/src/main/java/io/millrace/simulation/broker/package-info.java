/** A broker's cores in the shells of the simulation: a lane, a journal, connections and metadata under virtual time. */
@NullMarked
package io.millrace.simulation.broker;

import org.jspecify.annotations.NullMarked;
