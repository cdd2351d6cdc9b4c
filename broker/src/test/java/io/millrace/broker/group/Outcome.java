package io.millrace.broker.group;

import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;

/** What a call was answered, if it was: once at most. */
final class Outcome<T> implements Reply<T> {
    private boolean done;
    private T value;
    private ErrorCode error = ErrorCode.NONE;

    @Override
    public void complete(T result) {
        end();
        value = result;
    }

    @Override
    public void fail(ErrorCode code, String message) {
        end();
        error = code;
    }

    private void end() {
        if (done) {
            throw new AssertionError("answered twice");
        }
        done = true;
    }

    boolean isDone() {
        return done;
    }

    T value() {
        if (!done || error != ErrorCode.NONE) {
            throw new AssertionError(done ? "failed with " + error : "not answered");
        }
        return value;
    }

    ErrorCode error() {
        if (!done) {
            throw new AssertionError("not answered");
        }
        return error;
    }
}
