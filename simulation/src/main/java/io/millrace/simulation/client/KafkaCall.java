package io.millrace.simulation.client;

import java.util.function.Consumer;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * A request of a Kafka client's, and what becomes of it.
 *
 * @param answer filled with what the broker says
 * @param timeoutNs how long an answer is waited for; the connection is given up then
 * @param failed told if there is no answer
 */
record KafkaCall<T extends ApiMessage>(
        ApiMessage request, int version, T answer, long timeoutNs, Consumer<T> done, Runnable failed) {
    short apiVersion() {
        return (short) version;
    }

    void answered() {
        done.accept(answer);
    }
}
