package io.millrace.protocol.wire;

import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/**
 * An API by its key, Kafka's or a private one: the versions that the schemas know, header versions, new messages.
 * Immutable, for any thread.
 */
public final class Api {
    /** The first private key; Kafka's stay far below. */
    public static final short FIRST_PRIVATE_KEY = 20000;

    private final short key;
    private final String name;
    private final short lowestVersion;
    private final short highestVersion;
    private final org.apache.kafka.common.message.@Nullable ApiMessageType kafka;
    private final io.millrace.protocol.message.@Nullable ApiMessageType millrace;

    private Api(org.apache.kafka.common.message.ApiMessageType kafka) {
        this.key = kafka.apiKey();
        this.name = kafka.name;
        this.lowestVersion = kafka.lowestSupportedVersion();
        this.highestVersion = kafka.highestSupportedVersion(true);
        this.kafka = kafka;
        this.millrace = null;
    }

    private Api(io.millrace.protocol.message.ApiMessageType millrace) {
        this.key = millrace.apiKey();
        this.name = millrace.name;
        this.lowestVersion = millrace.lowestSupportedVersion();
        this.highestVersion = millrace.highestSupportedVersion(true);
        this.kafka = null;
        this.millrace = millrace;
    }

    /** The API of a key, or null if the schemas have none. */
    public static @Nullable Api of(short key) {
        try {
            return key >= FIRST_PRIVATE_KEY
                    ? new Api(io.millrace.protocol.message.ApiMessageType.fromApiKey(key))
                    : new Api(org.apache.kafka.common.message.ApiMessageType.fromApiKey(key));
        } catch (UnsupportedVersionException e) {
            return null;
        }
    }

    /** Whether the key is one of Millrace's own. */
    public static boolean isPrivate(short key) {
        return key >= FIRST_PRIVATE_KEY;
    }

    /** The key. */
    public short key() {
        return key;
    }

    /** The name in Kafka's manner, for example {@code Fetch}. */
    public String name() {
        return name;
    }

    /** The lowest version that the schema knows. */
    public short lowestVersion() {
        return lowestVersion;
    }

    /** The highest version that the schema knows, stable or not. */
    public short highestVersion() {
        return highestVersion;
    }

    /** The version of the request's header. */
    public short requestHeaderVersion(short version) {
        return kafka != null ? kafka.requestHeaderVersion(version) : millrace().requestHeaderVersion(version);
    }

    /** The version of the response's header. */
    public short responseHeaderVersion(short version) {
        return kafka != null ? kafka.responseHeaderVersion(version) : millrace().responseHeaderVersion(version);
    }

    /** An empty request. */
    public ApiMessage newRequest() {
        return kafka != null ? kafka.newRequest() : millrace().newRequest();
    }

    /** An empty response. */
    public ApiMessage newResponse() {
        return kafka != null ? kafka.newResponse() : millrace().newResponse();
    }

    private io.millrace.protocol.message.ApiMessageType millrace() {
        if (millrace == null) {
            throw new IllegalStateException("API " + key + " has no schema");
        }
        return millrace;
    }
}
