package io.millrace.broker.group;

import io.millrace.protocol.ErrorCode;

/**
 * When the log of a partition is written anew, and what follows: instead of a compaction, all that counts is appended once more when the log
 * has become several times as long, and what is before is given up when that is committed. Whoever reads the log at any moment in between
 * folds the same. Owned by the partition's lane.
 */
final class Rewrite {
    /** At least so many times as long as what counts is the log to be: a rewrite costs as much as it saves otherwise. */
    private static final int TIMES = 4;

    private final long minBytes;
    private long bytes;
    private long countingBytes;
    private boolean isWriting;
    private boolean underWay;
    private int outstanding;
    private boolean failed;
    private Runnable whenCommitted = () -> {};

    Rewrite(long minBytes) {
        this.minBytes = minBytes;
    }

    /** Takes notice of bytes in the log. */
    void onAppended(long appendedBytes) {
        bytes += appendedBytes;
        if (isWriting) {
            countingBytes += appendedBytes;
        }
    }

    boolean isDue() {
        return !underWay && bytes >= Math.max(minBytes, TIMES * countingBytes);
    }

    /** Begins: everything that is appended until {@link #allBegun} is what counts. */
    void begin(Runnable committed) {
        underWay = true;
        isWriting = true;
        failed = false;
        outstanding = 1;
        bytes = 0;
        countingBytes = 0;
        whenCommitted = committed;
    }

    /** One of the appends. */
    GroupLog.Listener part() {
        outstanding++;
        return new GroupLog.Listener() {
            @Override
            public void onCommitted(long nowMs) {
                end();
            }

            @Override
            public void onFailed(ErrorCode error, String message, long nowMs) {
                failed = true;
                end();
            }
        };
    }

    void allBegun() {
        isWriting = false;
        end();
    }

    private void end() {
        if (--outstanding == 0) {
            underWay = false;
            if (!failed) {
                whenCommitted.run();
            }
        }
    }
}
