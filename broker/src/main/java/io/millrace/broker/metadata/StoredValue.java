package io.millrace.broker.metadata;

/** What a {@link MetadataStore} keeps at a path: a JSON text and how often it was changed. Immutable. */
public record StoredValue(String path, String text, int version) {}
