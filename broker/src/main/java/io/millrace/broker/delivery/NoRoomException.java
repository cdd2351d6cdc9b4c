package io.millrace.broker.delivery;

/** There is no memory for a batch at the moment: dispatch goes on later. Not a failure of anything, so it has no trace. */
public final class NoRoomException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public NoRoomException(int bytes) {
        super("no room for a batch of " + bytes + " bytes", null, false, false);
    }
}
