package io.millrace.broker.group;

/**
 * One of the protocols (assignors) that a member can follow. Immutable.
 *
 * @param name its name, such as {@code range}
 * @param metadata what the member tells the one that assigns, such as the topics it subscribes to
 */
public record Protocol(String name, Bytes metadata) {}
