package io.millrace.benchmarks.broker;

import java.util.Locale;

/** Which broker. */
public enum BrokerKind {
    MILLRACE,
    ARTEMIS,
    KAFKA;

    public String lowerCase() {
        return name().toLowerCase(Locale.ROOT);
    }

    static BrokerKind named(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT));
    }
}
