package io.millrace.broker.log;

/**
 * Where an appended batch went.
 *
 * @param baseOffset the offset of its first record
 * @param nextOffset the log end offset behind it
 * @param lengthBytes its size
 */
public record AppendedBatch(long baseOffset, long nextOffset, int lengthBytes) {
    public long lastOffset() {
        return nextOffset - 1;
    }
}
