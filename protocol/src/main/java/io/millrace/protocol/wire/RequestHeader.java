package io.millrace.protocol.wire;

import org.jspecify.annotations.Nullable;

/**
 * The header of a request, Kafka's or a private one: request header versions 1 and 2 of Kafka's protocol.
 *
 * @param apiKey which API
 * @param apiVersion the version of the API that the body is in
 * @param correlationId chosen by the client, echoed in the answer
 * @param clientId Kafka's client id, for logs and quotas, or null
 */
public record RequestHeader(
        short apiKey,
        short apiVersion,
        int correlationId,
        @Nullable String clientId) {}
