package io.millrace.broker.kafka;

import io.millrace.protocol.ErrorCode;

/** Errors in the codes that Kafka's clients know. */
final class KafkaErrors {
    private static final short FIRST_PRIVATE_CODE = 20000;

    private KafkaErrors() {}

    /** The code for a Kafka client: the error's own, or Kafka's nearest to a private one. */
    static short code(ErrorCode error) {
        return error.code() < FIRST_PRIVATE_CODE ? error.code() : nearest(error).code();
    }

    private static ErrorCode nearest(ErrorCode error) {
        return switch (error) {
            case AUTHENTICATION_FAILED -> ErrorCode.SASL_AUTHENTICATION_FAILED;
            case INVALID_DESTINATION, DESTINATION_DELETED -> ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
            case DESTINATION_EXISTS -> ErrorCode.TOPIC_ALREADY_EXISTS;
            case DISK_FULL -> ErrorCode.KAFKA_STORAGE_ERROR;
            case BROKER_CLOSING -> ErrorCode.NOT_LEADER_OR_FOLLOWER;
            case UNSUPPORTED_FEATURE -> ErrorCode.INVALID_REQUEST;
            default -> ErrorCode.UNKNOWN_SERVER_ERROR;
        };
    }
}
