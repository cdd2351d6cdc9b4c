package io.millrace.simulation.check;

/** Something that must always hold does not. */
public final class ViolationError extends AssertionError {
    private static final long serialVersionUID = 1;

    public ViolationError(String message) {
        super(message);
    }

    public ViolationError(String message, Throwable cause) {
        super(message, cause);
    }
}
