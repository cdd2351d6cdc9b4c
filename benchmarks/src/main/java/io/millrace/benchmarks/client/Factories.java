package io.millrace.benchmarks.client;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Makes a provider's connection factory from its class's name and a URI: the loads know no provider. */
final class Factories {
    private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(5);

    private Factories() {}

    static ConnectionFactory newFactory(JobSpec spec) {
        String className = spec.get("factory");
        try {
            return Class.forName(className)
                    .asSubclass(ConnectionFactory.class)
                    .getConstructor(String.class)
                    .newInstance(spec.get("uri"));
        } catch (InvocationTargetException e) {
            throw new LoadFailure(className + " refuses '" + spec.get("uri") + "': " + e.getCause(), e);
        } catch (ReflectiveOperationException e) {
            throw new LoadFailure("no connection factory " + className + " with a constructor that takes a URI", e);
        }
    }

    /** Connects, again and again until the broker is there or the time is over. */
    static Connection connect(ConnectionFactory factory, long timeoutMs) throws JMSException {
        long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        while (true) {
            try {
                return factory.createConnection();
            } catch (JMSException e) {
                if (System.nanoTime() - deadlineNs >= 0) {
                    throw e;
                }
                LockSupport.parkNanos(RETRY_NS);
            }
        }
    }
}
