package io.millrace.broker.metadata;

/** One write of a {@link MetadataStore}: exactly one path is created, changed, deleted or checked. */
public sealed interface StoreWrite {
    String path();

    /** Fails with EXISTS if there is something else at the path, and ABSENT without a parent. */
    record Create(String path, String text, boolean ephemeral) implements StoreWrite {}

    /** Fails with ABSENT or OTHER_VERSION. */
    record Set(String path, String text, int expectedVersion) implements StoreWrite {}

    /** Changes nothing; fails with ABSENT or OTHER_VERSION. */
    record Check(String path, int expectedVersion) implements StoreWrite {}

    /** Fails with ABSENT or OTHER_VERSION. */
    record Delete(String path, int expectedVersion) implements StoreWrite {}
}
