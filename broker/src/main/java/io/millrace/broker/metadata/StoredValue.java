package io.millrace.broker.metadata;

/**
 * What a {@link MetadataStore} keeps at a path: a JSON text and how often it was changed. Immutable.
 *
 * @param createdAt when it was created, in the store's order of all changes
 * @param changedAt when it was changed last, in the same order
 */
public record StoredValue(String path, String text, int version, long createdAt, long changedAt) {}
