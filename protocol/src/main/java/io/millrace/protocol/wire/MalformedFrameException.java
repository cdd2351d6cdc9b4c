package io.millrace.protocol.wire;

/** Says that a frame's bytes are not what its header promised: the connection can not go on. */
public final class MalformedFrameException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** An exception that says what was wrong. */
    public MalformedFrameException(String message) {
        super(message, null, false, false);
    }
}
