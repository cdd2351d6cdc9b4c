package io.millrace.simulation.client;

import io.millrace.jms.engine.EngineException;
import io.millrace.jms.engine.Reply;
import java.util.function.Consumer;

/** A reply of the engine as two functions. */
record Answer<T>(Consumer<T> done, Consumer<EngineException> failed) implements Reply<T> {
    @Override
    public void complete(T value) {
        done.accept(value);
    }

    @Override
    public void fail(EngineException cause) {
        failed.accept(cause);
    }
}
