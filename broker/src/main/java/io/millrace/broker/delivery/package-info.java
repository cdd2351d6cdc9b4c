/**
 * What JMS makes of a log: subscriptions as a position plus the settlements beyond it (a pure fold over committed records), and
 * the dispatch of messages to consumers with credit (leader-volatile). A core: no I/O, no clock, no threads.
 */
@NullMarked
package io.millrace.broker.delivery;

import org.jspecify.annotations.NullMarked;
