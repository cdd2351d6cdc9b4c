package io.millrace.jms.admin;

/**
 * A destination in a list.
 *
 * @param isQueue whether it is a queue, or a topic
 * @param name the JMS name
 * @param topicName the name of its Kafka topic
 * @param topicId the id of its Kafka topic, as Kafka writes it
 * @param partitions how many partitions
 */
public record DestinationInfo(boolean isQueue, String name, String topicName, String topicId, int partitions) {}
