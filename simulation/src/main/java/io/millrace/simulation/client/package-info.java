/** Client processes under virtual time: the real connection engine, and small applications that send and consume. */
@NullMarked
package io.millrace.simulation.client;

import org.jspecify.annotations.NullMarked;
