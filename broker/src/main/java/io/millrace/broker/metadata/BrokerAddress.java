package io.millrace.broker.metadata;

/** A living broker and where clients reach it. Immutable. */
public record BrokerAddress(int id, String host, int port) {}
