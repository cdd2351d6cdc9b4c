package io.millrace.broker.session;

import java.util.UUID;
import org.apache.kafka.common.Uuid;

/** Ids as the wire's codec and as the broker has them. */
public final class Ids {
    private Ids() {}

    public static UUID of(Uuid id) {
        return new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    public static Uuid of(UUID id) {
        return new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }
}
