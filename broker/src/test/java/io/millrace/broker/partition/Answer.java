package io.millrace.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ErrorCode;
import java.util.function.Consumer;

/** A reply that remembers what it was told; twice is a fault. */
final class Answer<T> implements Reply<T> {
    private final Consumer<T> onValue;
    private boolean answered;
    private T value;
    private ErrorCode error = ErrorCode.NONE;
    private String message = "";

    Answer() {
        this(value -> {});
    }

    Answer(Consumer<T> onValue) {
        this.onValue = onValue;
    }

    @Override
    public void complete(T newValue) {
        once();
        value = newValue;
        onValue.accept(newValue);
    }

    @Override
    public void fail(ErrorCode newError, String newMessage) {
        once();
        error = newError;
        message = newMessage;
    }

    private void once() {
        if (answered) {
            throw new IllegalStateException("answered twice");
        }
        answered = true;
    }

    boolean isAnswered() {
        return answered;
    }

    boolean isSuccess() {
        return answered && error == ErrorCode.NONE;
    }

    T value() {
        assertThat(answered).as("answered").isTrue();
        assertThat(error).as(message).isEqualTo(ErrorCode.NONE);
        return value;
    }

    ErrorCode error() {
        assertThat(answered).as("answered").isTrue();
        return error;
    }

    String message() {
        return message;
    }
}
