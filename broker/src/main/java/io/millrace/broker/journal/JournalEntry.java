package io.millrace.broker.journal;

import io.millrace.broker.log.LogKey;
import io.millrace.broker.log.StorageException;
import java.nio.ByteBuffer;

/**
 * One thing that must be durable. A batch is handed over after it was appended to its log, so it holds its offsets; its bytes must not
 * change until {@code release} is called.
 *
 * @param key whose it is
 * @param type what to do with it when it is replayed
 * @param leaderEpoch the epoch under which it was appended
 * @param baseOffset the batch's base offset; for a truncation the log end offset it leaves
 * @param messageLogEnd for a delivery batch, where the message log ended when it was appended: a replay brings the message log there;
 *     otherwise -1
 * @param content the batch, between position and limit; empty for a truncation
 * @param release called once, in the lane, when the bytes are needed no more
 */
public record JournalEntry(
        LogKey key,
        Type type,
        int leaderEpoch,
        long baseOffset,
        long messageLogEnd,
        ByteBuffer content,
        Runnable release) {
    /** What an entry is. The code is what is stored. */
    public enum Type {
        APPEND((byte) 0),
        TRUNCATE((byte) 1);

        private final byte code;

        Type(byte code) {
            this.code = code;
        }

        byte code() {
            return code;
        }

        static Type of(byte code) {
            return switch (code) {
                case 0 -> APPEND;
                case 1 -> TRUNCATE;
                default -> throw StorageException.corrupt("journal entry type " + code + " is not known");
            };
        }
    }

    /** A batch of the message log. */
    public static JournalEntry message(
            LogKey key, int leaderEpoch, long baseOffset, ByteBuffer batch, Runnable release) {
        return new JournalEntry(key, Type.APPEND, leaderEpoch, baseOffset, -1, batch, release);
    }

    /** A batch of the delivery log. */
    public static JournalEntry delivery(
            LogKey key, int leaderEpoch, long baseOffset, long messageLogEnd, ByteBuffer batch, Runnable release) {
        return new JournalEntry(key, Type.APPEND, leaderEpoch, baseOffset, messageLogEnd, batch, release);
    }

    /** A log was cut. */
    public static JournalEntry truncation(LogKey key, int leaderEpoch, long logEndOffset) {
        return new JournalEntry(key, Type.TRUNCATE, leaderEpoch, logEndOffset, -1, ByteBuffer.allocate(0), () -> {});
    }
}
