package io.millrace.jms.message;

import io.millrace.jms.MillraceDestination;

/**
 * What the provider knows of a delivered message beside its record.
 *
 * @param destination what it was sent to
 * @param topicName the Kafka topic
 * @param partition the partition
 * @param offset the offset in the partition
 * @param timestampMs the record's timestamp, in ms since the epoch
 * @param deliveryCount 1 for the first delivery
 */
public record DeliveryFacts(
        MillraceDestination destination,
        String topicName,
        int partition,
        long offset,
        long timestampMs,
        int deliveryCount) {
    /** JMSXDeliveryCount and the position in the log, as properties. */
    static final String DELIVERY_COUNT = "JMSXDeliveryCount";

    static final String TOPIC = "JMS_Millrace_Topic";
    static final String PARTITION = "JMS_Millrace_Partition";
    static final String OFFSET = "JMS_Millrace_Offset";
    static final String TIMESTAMP = "JMS_Millrace_Timestamp";

    void putInto(MessageProperties properties) {
        properties.put(DELIVERY_COUNT, deliveryCount);
        properties.put(TOPIC, topicName);
        properties.put(PARTITION, partition);
        properties.put(OFFSET, offset);
        properties.put(TIMESTAMP, timestampMs);
    }

    /** Whether a property is the provider's to set: an application's value is not sent. */
    static boolean isFact(String property) {
        return switch (property) {
            case DELIVERY_COUNT, TOPIC, PARTITION, OFFSET, TIMESTAMP -> true;
            default -> false;
        };
    }
}
