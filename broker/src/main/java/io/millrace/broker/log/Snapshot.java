package io.millrace.broker.log;

import java.nio.ByteBuffer;

/**
 * A stored state of a named fold.
 *
 * @param name which fold
 * @param offset what the writer gave: up to where the fold had come
 * @param content its bytes, ready to be read
 */
public record Snapshot(String name, long offset, ByteBuffer content) {}
