package io.millrace.protocol;

import java.util.HashMap;
import java.util.Map;

/**
 * An answer's error: Kafka's codes where Kafka has one, and from 20001 on those of the private API keys. Immutable, for
 * any thread.
 */
public enum ErrorCode {
    /** The peer is told: no error. */
    NONE(0, "no error"),
    /** The peer is told: a fault of the broker itself; its log says more. */
    UNKNOWN_SERVER_ERROR(-1, "a fault of the broker itself; its log says more"),
    /** The peer is told: the offset is not in the log. */
    OFFSET_OUT_OF_RANGE(1, "the offset is not in the log"),
    /** The peer is told: the record batch is malformed or its CRC is wrong. */
    CORRUPT_MESSAGE(2, "the record batch is malformed or its CRC is wrong"),
    /** The peer is told: the topic or partition does not exist here. */
    UNKNOWN_TOPIC_OR_PARTITION(3, "the topic or partition does not exist here"),
    /** The peer is told: the partition has no leader at the moment. */
    LEADER_NOT_AVAILABLE(5, "the partition has no leader at the moment"),
    /** The peer is told: this broker does not lead the partition. */
    NOT_LEADER_OR_FOLLOWER(6, "this broker does not lead the partition"),
    /** The peer is told: the request was not done in time. */
    REQUEST_TIMED_OUT(7, "the request was not done in time"),
    /** The peer is told: the record batch is larger than max.message.bytes. */
    MESSAGE_TOO_LARGE(10, "the record batch is larger than max.message.bytes"),
    /** The peer is told: what is to be kept with an offset is larger than offset.metadata.max.bytes. */
    OFFSET_METADATA_TOO_LARGE(12, "what is to be kept with an offset is larger than offset.metadata.max.bytes"),
    /** The peer is told: the connection was lost before the answer. */
    NETWORK_EXCEPTION(13, "the connection was lost before the answer"),
    /** The peer is told: the coordinator is loading. */
    COORDINATOR_LOAD_IN_PROGRESS(14, "the coordinator is loading"),
    /** The peer is told: the coordinator is not available. */
    COORDINATOR_NOT_AVAILABLE(15, "the coordinator is not available"),
    /** The peer is told: this broker does not coordinate the group. */
    NOT_COORDINATOR(16, "this broker does not coordinate the group"),
    /** The peer is told: the topic's name is not legal. */
    INVALID_TOPIC_EXCEPTION(17, "the topic's name is not legal"),
    /** The peer is told: the record batch is larger than a segment. */
    RECORD_LIST_TOO_LARGE(18, "the record batch is larger than a segment"),
    /** The peer is told: fewer replicas are in sync than min.insync.replicas asks. */
    NOT_ENOUGH_REPLICAS(19, "fewer replicas are in sync than min.insync.replicas asks"),
    /** The peer is told: appended, but fewer replicas are in sync than min.insync.replicas asks. */
    NOT_ENOUGH_REPLICAS_AFTER_APPEND(20, "appended, but fewer replicas are in sync than min.insync.replicas asks"),
    /** The peer is told: acks is not 0, 1 or -1. */
    INVALID_REQUIRED_ACKS(21, "acks is not 0, 1 or -1"),
    /** The peer is told: the generation is not the group's. */
    ILLEGAL_GENERATION(22, "the generation is not the group's"),
    /** The peer is told: the member shares no protocol with the group. */
    INCONSISTENT_GROUP_PROTOCOL(23, "the member shares no protocol with the group"),
    /** The peer is told: the group id is not valid. */
    INVALID_GROUP_ID(24, "the group id is not valid"),
    /** The peer is told: the group has no such member. */
    UNKNOWN_MEMBER_ID(25, "the group has no such member"),
    /** The peer is told: the session timeout is out of range. */
    INVALID_SESSION_TIMEOUT(26, "the session timeout is out of range"),
    /** The peer is told: the group rebalances; join again. */
    REBALANCE_IN_PROGRESS(27, "the group rebalances; join again"),
    /** The peer is told: the commit is larger than the broker stores. */
    INVALID_COMMIT_OFFSET_SIZE(28, "the commit is larger than the broker stores"),
    /** The peer is told: not authorized for the topic. */
    TOPIC_AUTHORIZATION_FAILED(29, "not authorized for the topic"),
    /** The peer is told: not authorized for the cluster. */
    CLUSTER_AUTHORIZATION_FAILED(31, "not authorized for the cluster"),
    /** The peer is told: the timestamp is out of range. */
    INVALID_TIMESTAMP(32, "the timestamp is out of range"),
    /** The peer is told: the SASL mechanism is not served. */
    UNSUPPORTED_SASL_MECHANISM(33, "the SASL mechanism is not served"),
    /** The peer is told: the request does not fit the state of authentication. */
    ILLEGAL_SASL_STATE(34, "the request does not fit the state of authentication"),
    /** The peer is told: the version of the API is not served. */
    UNSUPPORTED_VERSION(35, "the version of the API is not served"),
    /** The peer is told: the topic exists already. */
    TOPIC_ALREADY_EXISTS(36, "the topic exists already"),
    /** The peer is told: the number of partitions is out of range. */
    INVALID_PARTITIONS(37, "the number of partitions is out of range"),
    /** The peer is told: the replication factor is out of range. */
    INVALID_REPLICATION_FACTOR(38, "the replication factor is out of range"),
    /** The peer is told: the replica assignment is not valid. */
    INVALID_REPLICA_ASSIGNMENT(39, "the replica assignment is not valid"),
    /** The peer is told: a setting is unknown or its value is not valid. */
    INVALID_CONFIG(40, "a setting is unknown or its value is not valid"),
    /** The peer is told: this broker is not the controller. */
    NOT_CONTROLLER(41, "this broker is not the controller"),
    /** The peer is told: the request is not valid. */
    INVALID_REQUEST(42, "the request is not valid"),
    /** The peer is told: the message format does not support it. */
    UNSUPPORTED_FOR_MESSAGE_FORMAT(43, "the message format does not support it"),
    /** The peer is told: the request is against a policy of the broker. */
    POLICY_VIOLATION(44, "the request is against a policy of the broker"),
    /** The peer is told: a batch of the producer is missing before this one. */
    OUT_OF_ORDER_SEQUENCE_NUMBER(45, "a batch of the producer is missing before this one"),
    /** The peer is told: the batch was appended before. */
    DUPLICATE_SEQUENCE_NUMBER(46, "the batch was appended before"),
    /** The peer is told: a newer epoch of the producer exists. */
    INVALID_PRODUCER_EPOCH(47, "a newer epoch of the producer exists"),
    /** The peer is told: the transaction is in another state. */
    INVALID_TXN_STATE(48, "the transaction is in another state"),
    /** The peer is told: the producer id does not belong to the transactional id. */
    INVALID_PRODUCER_ID_MAPPING(49, "the producer id does not belong to the transactional id"),
    /** The peer is told: not authorized for the transactional id. */
    TRANSACTIONAL_ID_AUTHORIZATION_FAILED(53, "not authorized for the transactional id"),
    /** The peer is told: not attempted, since an earlier part of the request failed. */
    OPERATION_NOT_ATTEMPTED(55, "not attempted, since an earlier part of the request failed"),
    /** The peer is told: the broker's disk failed or is full. */
    KAFKA_STORAGE_ERROR(56, "the broker's disk failed or is full"),
    /** The peer is told: user or password is wrong. */
    SASL_AUTHENTICATION_FAILED(58, "user or password is wrong"),
    /** The peer is told: the producer id is not known. */
    UNKNOWN_PRODUCER_ID(59, "the producer id is not known"),
    /** The peer is told: the group has members. */
    NON_EMPTY_GROUP(68, "the group has members"),
    /** The peer is told: there is no such group. */
    GROUP_ID_NOT_FOUND(69, "there is no such group"),
    /** The peer is told: the fetch session does not exist. */
    FETCH_SESSION_ID_NOT_FOUND(70, "the fetch session does not exist"),
    /** The peer is told: the fetch session's epoch is wrong. */
    INVALID_FETCH_SESSION_EPOCH(71, "the fetch session's epoch is wrong"),
    /** The peer is told: topics can not be deleted. */
    TOPIC_DELETION_DISABLED(73, "topics can not be deleted"),
    /** The peer is told: the leader epoch of the request is older than the broker's. */
    FENCED_LEADER_EPOCH(74, "the leader epoch of the request is older than the broker's"),
    /** The peer is told: the leader epoch of the request is newer than the broker's. */
    UNKNOWN_LEADER_EPOCH(75, "the leader epoch of the request is newer than the broker's"),
    /** The peer is told: the codec is not supported. */
    UNSUPPORTED_COMPRESSION_TYPE(76, "the codec is not supported"),
    /** The peer is told: a newer life of the broker is registered. */
    STALE_BROKER_EPOCH(77, "a newer life of the broker is registered"),
    /** The peer is told: the leader's high watermark has not caught up yet. */
    OFFSET_NOT_AVAILABLE(78, "the leader's high watermark has not caught up yet"),
    /** The peer is told: join again with the member id of this answer. */
    MEMBER_ID_REQUIRED(79, "join again with the member id of this answer"),
    /** The peer is told: the first replica can not lead the partition now. */
    PREFERRED_LEADER_NOT_AVAILABLE(80, "the first replica of the partition is not in sync or not there"),
    /** The peer is told: the group has as many members as it takes. */
    GROUP_MAX_SIZE_REACHED(81, "the group has as many members as it takes"),
    /** The peer is told: another member has taken the group instance id. */
    FENCED_INSTANCE_ID(82, "another member has taken the group instance id"),
    /** The peer is told: the first replica leads the partition. */
    ELECTION_NOT_NEEDED(84, "the first replica of the partition leads it already"),
    /** The peer is told: the partition is not being moved. */
    NO_REASSIGNMENT_IN_PROGRESS(85, "the partition is not being moved"),
    /** The peer is told: the group is subscribed to the topic. */
    GROUP_SUBSCRIBED_TO_TOPIC(86, "the group is subscribed to the topic"),
    /** The peer is told: offsets of an open transaction are pending. */
    UNSTABLE_OFFSET_COMMIT(88, "offsets of an open transaction are pending"),
    /** The peer is told: the quota is used up. */
    THROTTLING_QUOTA_EXCEEDED(89, "the quota is used up"),
    /** The peer is told: a newer producer with the same transactional id exists. */
    PRODUCER_FENCED(90, "a newer producer with the same transactional id exists"),
    /** The peer is told: a record is not valid. */
    INVALID_RECORD(87, "a record is not valid"),
    /** The peer is told: the state was changed by somebody else meanwhile. */
    INVALID_UPDATE_VERSION(95, "the state was changed by somebody else meanwhile"),
    /** The peer is told: no topic has this id. */
    UNKNOWN_TOPIC_ID(100, "no topic has this id"),
    /** The peer is told: no living broker of the cluster has this id. */
    BROKER_ID_NOT_REGISTERED(102, "no living broker of the cluster has this id"),
    /** The peer is told: the topic id does not fit the topic's name. */
    INCONSISTENT_TOPIC_ID(103, "the topic id does not fit the topic's name"),
    /** The peer is told: the cluster is another one. */
    INCONSISTENT_CLUSTER_ID(104, "the cluster is another one"),
    /** The peer is told: the broker can not be in sync, it is no replica or not registered. */
    INELIGIBLE_REPLICA(107, "the broker can not be in sync, it is no replica or not registered"),
    /** The peer is told: user or password is wrong, or anonymous access is not allowed from here. */
    AUTHENTICATION_FAILED(20001, "user or password is wrong, or anonymous access is not allowed from here"),
    /** The peer is told: the JMS client identifier is not valid or in use. */
    INVALID_CLIENT_ID(20002, "the JMS client identifier is not valid or in use"),
    /** The peer is told: the destination does not exist or its name is not legal. */
    INVALID_DESTINATION(20003, "the destination does not exist or its name is not legal"),
    /** The peer is told: the destination exists already. */
    DESTINATION_EXISTS(20004, "the destination exists already"),
    /** The peer is told: the broker does not support this yet. */
    UNSUPPORTED_FEATURE(20005, "the broker does not support this yet"),
    /** The peer is told: the message selector is not valid. */
    INVALID_SELECTOR(20006, "the message selector is not valid"),
    /** The peer is told: the subscription has an active consumer. */
    SUBSCRIPTION_IN_USE(20007, "the subscription has an active consumer"),
    /** The peer is told: no such subscription. */
    UNKNOWN_SUBSCRIPTION(20008, "no such subscription"),
    /** The peer is told: no such consumer on this connection. */
    UNKNOWN_CONSUMER(20009, "no such consumer on this connection"),
    /** The peer is told: the settlement is not valid. */
    INVALID_SETTLEMENT(20010, "the settlement is not valid"),
    /** The peer is told: the broker's disk is full; nothing was stored. */
    DISK_FULL(20011, "the broker's disk is full; nothing was stored"),
    /** The peer is told: the broker is shutting down. */
    BROKER_CLOSING(20012, "the broker is shutting down"),
    /** The peer is told: the broker has as many connections as it takes. */
    CONNECTION_LIMIT(20013, "the broker has as many connections as it takes"),
    /** The peer is told: the destination was deleted. */
    DESTINATION_DELETED(20014, "the destination was deleted"),
    /** The peer is told: Hello comes first on a connection. */
    HELLO_REQUIRED(20015, "Hello comes first on a connection"),
    /** The peer is told: the subscription exists with another destination, selector or kind. */
    SUBSCRIPTION_MISMATCH(20016, "the subscription exists with another destination, selector or kind"),
    /** The application is told: the broker took back some messages for other consumers. */
    DELIVERY_LOST(20017, "the broker took back some messages for other consumers");

    private static final Map<Short, ErrorCode> BY_CODE = byCode();

    private final short code;
    private final String meaning;

    ErrorCode(int code, String meaning) {
        this.code = (short) code;
        this.meaning = meaning;
    }

    /** The number on the wire. */
    public short code() {
        return code;
    }

    /** What the code says, in words that fit behind a colon; never null. */
    public String meaning() {
        return meaning;
    }

    /** Whether the same request may succeed later or at another broker without being changed. */
    public boolean isRetriable() {
        return switch (this) {
            case UNKNOWN_TOPIC_OR_PARTITION,
                    LEADER_NOT_AVAILABLE,
                    NOT_LEADER_OR_FOLLOWER,
                    REQUEST_TIMED_OUT,
                    NETWORK_EXCEPTION,
                    COORDINATOR_LOAD_IN_PROGRESS,
                    COORDINATOR_NOT_AVAILABLE,
                    NOT_ENOUGH_REPLICAS,
                    NOT_ENOUGH_REPLICAS_AFTER_APPEND,
                    NOT_CONTROLLER,
                    FENCED_LEADER_EPOCH,
                    UNKNOWN_LEADER_EPOCH,
                    OFFSET_NOT_AVAILABLE,
                    UNKNOWN_TOPIC_ID,
                    BROKER_ID_NOT_REGISTERED,
                    BROKER_CLOSING -> true;
            default -> false;
        };
    }

    /** The error of a code; {@link #UNKNOWN_SERVER_ERROR} for one that this build does not know. */
    public static ErrorCode of(short code) {
        return BY_CODE.getOrDefault(code, UNKNOWN_SERVER_ERROR);
    }

    private static Map<Short, ErrorCode> byCode() {
        Map<Short, ErrorCode> map = new HashMap<>();
        for (ErrorCode error : values()) {
            map.put(error.code, error);
        }
        return map;
    }
}
