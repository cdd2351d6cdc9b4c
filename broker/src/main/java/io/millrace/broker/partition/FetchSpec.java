package io.millrace.broker.partition;

/**
 * What a Kafka consumer wants to read.
 *
 * @param offset the first offset wanted
 * @param maxBytes about the most bytes; the first batch comes whole even if it is larger
 * @param currentLeaderEpoch the epoch in which the consumer believes this leader to be, or -1 if it does not say
 */
public record FetchSpec(long offset, int maxBytes, int currentLeaderEpoch) {}
