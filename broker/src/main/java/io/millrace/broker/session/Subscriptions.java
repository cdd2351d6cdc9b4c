package io.millrace.broker.session;

import io.millrace.broker.delivery.SubscriptionKey;
import io.millrace.broker.metadata.Destination;
import io.millrace.protocol.DestinationKind;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.SubscriptionKind;
import org.jspecify.annotations.Nullable;

/** Which subscription a request means. */
final class Subscriptions {
    private Subscriptions() {}

    static SubscriptionKey key(byte kindCode, @Nullable String name, Destination destination, ClientConnection client) {
        SubscriptionKind kind = kind(kindCode);
        boolean queue = destination.name().kind() == DestinationKind.QUEUE;
        if (queue != (kind == SubscriptionKind.QUEUE)) {
            throw new InvalidRequestException(
                    ErrorCode.INVALID_DESTINATION,
                    "a subscription of kind " + kind + " on " + destination.name()
                            + "; a queue has only its own (0), a topic the others (1 to 4)");
        }
        return switch (kind) {
            case QUEUE -> SubscriptionKey.QUEUE;
            case NON_DURABLE -> new SubscriptionKey(kind, null, null);
            case DURABLE -> SubscriptionKey.durable(clientId(client), named(name));
            case SHARED_NON_DURABLE, SHARED_DURABLE ->
                throw new InvalidRequestException(
                        ErrorCode.UNSUPPORTED_FEATURE, "shared subscriptions are not supported yet");
        };
    }

    private static SubscriptionKind kind(byte code) {
        try {
            return SubscriptionKind.of(code);
        } catch (IllegalArgumentException e) {
            throw new InvalidRequestException(ErrorCode.INVALID_REQUEST, "Subscription kind: " + e.getMessage());
        }
    }

    static String clientId(ClientConnection client) {
        String clientId = client.clientId();
        if (clientId == null) {
            throw new InvalidRequestException(
                    ErrorCode.INVALID_CLIENT_ID,
                    "the connection has no client identifier, which a durable subscription needs;"
                            + " claim one by Hello or ClaimClientId");
        }
        return clientId;
    }

    private static String named(@Nullable String name) {
        if (name == null || name.isEmpty()) {
            throw new InvalidRequestException(
                    ErrorCode.INVALID_REQUEST, "a durable subscription without a SubscriptionName");
        }
        return name;
    }
}
