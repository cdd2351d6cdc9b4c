/** Settings of the broker and of destinations: each key's name, type, unit, default, reason and check in one place. */
@NullMarked
package io.millrace.broker.config;

import org.jspecify.annotations.NullMarked;
