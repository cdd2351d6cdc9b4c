package io.millrace.broker.metadata;

import org.jspecify.annotations.Nullable;

/**
 * One change of a destination's settings. Immutable.
 *
 * @param value the new value, or null to go back to the broker's default
 */
public record ConfigChange(String key, @Nullable String value) {}
