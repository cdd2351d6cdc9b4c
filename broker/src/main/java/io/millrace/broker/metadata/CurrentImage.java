package io.millrace.broker.metadata;

/** The cluster as of now. Written by the metadata thread only, read by any thread. */
final class CurrentImage {
    private volatile MetadataImage image = MetadataImage.empty("");

    MetadataImage get() {
        return image;
    }

    void set(MetadataImage changed) {
        image = changed;
    }
}
