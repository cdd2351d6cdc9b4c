package io.millrace.broker.metadata;

import io.millrace.broker.partition.Reply;

/**
 * Numbers for idempotent producers, each given once in the life of the cluster. They come from the store in blocks, so
 * one costs no trip. Every method may be called from any thread; replies come on the metadata thread.
 */
@SuppressWarnings("DoNotCallSuggester") // signatures first: the bodies follow at once and remove this
public final class ProducerIds {
    /** The next unused id. */
    public void next(Reply<Long> reply) {
        throw new UnsupportedOperationException();
    }
}
