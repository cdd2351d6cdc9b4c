package io.millrace.broker.session;

/** Waits for several answers: runs what follows once all that was begun has ended. Owned by one lane. */
public final class Join {
    private final Runnable whenDone;
    private int outstanding = 1;

    public Join(Runnable whenDone) {
        this.whenDone = whenDone;
    }

    /** One more answer is waited for. */
    public void begin() {
        outstanding++;
    }

    /** An answer came. */
    public void end() {
        if (--outstanding == 0) {
            whenDone.run();
        }
    }

    /** Nothing more will be begun. */
    public void allBegun() {
        end();
    }
}
