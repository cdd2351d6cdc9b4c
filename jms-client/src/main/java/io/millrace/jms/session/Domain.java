package io.millrace.jms.session;

import jakarta.jms.IllegalStateException;

/** Which of the three API families a connection and its sessions belong to (Jakarta Messaging 3.1, 2.5). */
public enum Domain {
    /** The unified one: queues and topics. */
    UNIFIED,
    /** QueueConnection, QueueSession: methods about topics are refused. */
    QUEUE,
    /** TopicConnection, TopicSession: methods about queues are refused. */
    TOPIC;

    /** Refuses a method that is about queues on a TopicSession (6.2.3). */
    void checkQueues(String method) throws IllegalStateException {
        if (this == TOPIC) {
            throw new IllegalStateException(method + " is not for a TopicSession or TopicConnection");
        }
    }

    /** Refuses a method that is about topics on a QueueSession (6.2.3). */
    void checkTopics(String method) throws IllegalStateException {
        if (this == QUEUE) {
            throw new IllegalStateException(method + " is not for a QueueSession or QueueConnection");
        }
    }
}
