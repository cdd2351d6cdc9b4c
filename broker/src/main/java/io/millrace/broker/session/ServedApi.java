package io.millrace.broker.session;

import java.util.Objects;

/** An API key with the versions that are served, which are advertised as such. Immutable. */
public record ServedApi(short key, short minVersion, short maxVersion, Access access, ApiHandler handler) {
    public ServedApi {
        Objects.requireNonNull(access, "access");
        Objects.requireNonNull(handler, "handler");
        if (minVersion < 0 || maxVersion < minVersion) {
            throw new IllegalArgumentException("API " + key + " in versions " + minVersion + " to " + maxVersion);
        }
    }

    boolean serves(short version) {
        return version >= minVersion && version <= maxVersion;
    }

    /** What a connection must have shown before it may use an API. */
    public enum Access {
        /** Nothing: the API is part of introducing oneself. */
        ANYBODY,
        /** Who it is: by SASL, by Hello, or as anonymous where that is allowed. */
        AUTHENTICATED,
        /** That it speaks Millrace: by Hello. */
        AFTER_HELLO,
        /** That it speaks Millrace, as a client or as a broker: by Hello or by PeerHello. */
        AFTER_ANY_HELLO,
        /** That it is another broker of this cluster: by PeerHello. Whatever else it has shown does not do. */
        BROKERS_ONLY
    }
}
