package io.millrace.broker.group;

/**
 * Whom a member belongs to, for operators. Immutable.
 *
 * @param id the client's own name
 * @param host where it connects from
 */
public record Client(String id, String host) {}
