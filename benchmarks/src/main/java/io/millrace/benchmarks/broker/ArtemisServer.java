package io.millrace.benchmarks.broker;

import java.nio.file.Path;

/**
 * The main class of Artemis's process: its embedded server with a broker.xml. By reflection, as its jars are on the class
 * path of that process only.
 */
public final class ArtemisServer {
    /** What it prints when it serves. */
    static final String READY = "artemis: ready";

    private ArtemisServer() {}

    public static void main(String[] arguments) throws ReflectiveOperationException {
        Class<?> type = Class.forName("org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ");
        Object server = type.getConstructor().newInstance();
        type.getMethod("setConfigResourcePath", String.class)
                .invoke(server, Path.of(arguments[0]).toUri().toString());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(type, server)));
        type.getMethod("start").invoke(server);
        System.out.println(READY);
    }

    private static void stop(Class<?> type, Object server) {
        try {
            type.getMethod("stop").invoke(server);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Artemis did not stop", e);
        }
    }
}
