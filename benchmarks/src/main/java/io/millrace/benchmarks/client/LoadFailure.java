package io.millrace.benchmarks.client;

/** A load did not do what it was to measure: something was lost, doubled, out of order or refused. Its figures are void. */
public final class LoadFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    public LoadFailure(String message) {
        super(message);
    }

    public LoadFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
