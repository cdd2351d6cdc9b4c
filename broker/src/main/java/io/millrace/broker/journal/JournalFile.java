package io.millrace.broker.journal;

import io.millrace.broker.log.StorageFile;

/**
 * A file of the journal, filled to its size.
 *
 * @param name its name in the journal's directory
 * @param file open
 * @param sizeBytes up to where it was filled
 */
public record JournalFile(String name, StorageFile file, long sizeBytes) {}
