package io.millrace.jms.engine.planted;

/** What the client's engine must not do: the architecture rules have to find it. Never run. */
public final class ReadsClock {
    private ReadsClock() {}

    static long now() {
        return System.nanoTime();
    }
}
