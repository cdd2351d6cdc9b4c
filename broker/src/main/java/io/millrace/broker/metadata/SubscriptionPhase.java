package io.millrace.broker.metadata;

import java.util.Locale;

/** How far the opening or closing of a durable subscription has come. */
enum SubscriptionPhase {
    /** Some partitions may not know it yet. */
    OPENING,
    /** Every partition knows it. */
    ACTIVE,
    /** Some partitions may have forgotten it. */
    CLOSING;

    /** The word in the store. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static SubscriptionPhase of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }
}
