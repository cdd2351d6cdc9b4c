package io.millrace.jms.engine;

/** Where a broker listens. */
public record BrokerAddress(String host, int port) {
    @Override
    public String toString() {
        return host + ":" + port;
    }
}
