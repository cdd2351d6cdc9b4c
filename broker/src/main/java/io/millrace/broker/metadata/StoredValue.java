package io.millrace.broker.metadata;

/** What a {@link MetadataStore} keeps at a path. The array is the holder's to read only. */
public record StoredValue(String path, byte[] bytes, int version) {}
