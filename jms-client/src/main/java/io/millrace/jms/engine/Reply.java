package io.millrace.jms.engine;

/**
 * Takes the answer to a command: one call of one method, on the thread that owns the engine.
 *
 * @param <T> what a command answers with; {@link Done} where that it was done is all
 */
public interface Reply<T> {
    /** It was done. */
    void complete(T value);

    /** It was not done, or nobody knows. */
    void fail(EngineException cause);
}
