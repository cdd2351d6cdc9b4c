package io.millrace.broker.partition;

import io.millrace.broker.delivery.ConnectionInfo;
import io.millrace.broker.delivery.DeliverySink;
import io.millrace.broker.delivery.Settlement;
import io.millrace.broker.delivery.SubscriptionKey;
import io.millrace.protocol.DeliveredMessages;
import io.millrace.protocol.ErrorCode;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A JMS client's connection: it keeps its consumers, and what they hold, over a lost connection. */
final class Client {
    final PartitionFixture broker;
    final UUID connectionId;
    final Map<Integer, TestConsumer> consumers = new LinkedHashMap<>();
    long producerId = -1;
    boolean writable = true;
    private int sinks;
    Sink sink = new Sink();

    Client(PartitionFixture broker, UUID connectionId) {
        this.broker = broker;
        this.connectionId = connectionId;
    }

    ConnectionInfo info() {
        return new ConnectionInfo(connectionId, "client", "guest", "localhost", producerId);
    }

    TestConsumer consume(SubscriptionKey key, long credit) {
        TestConsumer consumer = new TestConsumer(this, consumers.size() + 1, key);
        consumers.put(consumer.id, consumer);
        consumer.attach(credit);
        broker.settleDown();
        return consumer;
    }

    Answer<Void> settle(boolean waited, Settlement... settlements) {
        return settle(sink, waited, settlements);
    }

    Answer<Void> settle(Sink by, boolean waited, Settlement... settlements) {
        Answer<Void> answer = new Answer<>();
        broker.partition().onSettle(connectionId, by, List.of(settlements), waited, answer, broker.nowMs);
        return answer;
    }

    /** The broker died: nothing comes any more on this sink. */
    void cutOff() {
        sink.dead = true;
        sink = new Sink();
    }

    /** The connection is lost; the broker notices. */
    void lose() {
        Sink lost = sink;
        cutOff();
        broker.partition().onConnectionLost(connectionId, lost, broker.nowMs);
    }

    final class Sink implements DeliverySink {
        private final int number = ++sinks;
        private boolean dead;

        @Override
        public boolean isWritable() {
            return writable;
        }

        @Override
        public void deliver(int consumerId, int count, ByteBuf messages, long validUntilMs) {
            List<TestConsumer.Delivery> deliveries = new ArrayList<>();
            DeliveredMessages.read(
                    messages.nioBuffer(),
                    (offset, timestampMs, deliveryCount, record) -> deliveries.add(
                            new TestConsumer.Delivery(offset, timestampMs, deliveryCount, Messages.text(record))));
            messages.release();
            if (deliveries.size() != count) {
                throw new IllegalStateException("said " + count + " messages, brought " + deliveries.size());
            }
            if (!dead) {
                consumers.get(consumerId).take(deliveries);
            }
        }

        @Override
        public boolean isOlderThan(DeliverySink other) {
            return other instanceof Sink of && number < of.number;
        }

        @Override
        public void drained(int consumerId) {
            consumers.get(consumerId).drained++;
        }

        @Override
        public void ended(int consumerId, ErrorCode error, String message) {
            if (!dead) {
                consumers.get(consumerId).ended = error;
            }
        }
    }
}
