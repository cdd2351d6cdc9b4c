/** What must always hold: the history of a run as applications see it, and the content of logs, judged as they happen. */
@NullMarked
package io.millrace.simulation.check;

import org.jspecify.annotations.NullMarked;
