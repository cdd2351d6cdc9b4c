package io.millrace.broker.session;

/** The API keys that sessions know by name: Kafka's for introducing oneself, and the private ones. */
final class ApiKeys {
    static final short SASL_HANDSHAKE = 17;
    static final short API_VERSIONS = 18;
    static final short SASL_AUTHENTICATE = 36;

    static final short HELLO = 20000;
    static final short CLAIM_CLIENT_ID = 20001;
    static final short RESOLVE_DESTINATION = 20002;
    static final short SEND = 20003;
    static final short ATTACH = 20004;
    static final short DETACH = 20005;
    static final short DELIVER = 20006;
    static final short SETTLE = 20007;
    static final short BROWSE = 20008;
    static final short UNSUBSCRIBE = 20009;
    static final short DESCRIBE_DESTINATION = 20010;
    static final short CREATE_DESTINATION = 20011;
    static final short DELETE_DESTINATION = 20012;
    static final short LIST_DESTINATIONS = 20013;
    static final short HEARTBEAT = 20014;
    static final short CLUSTER_STATE = 20030;
    static final short ELECT_PREFERRED_LEADERS = 20031;
    static final short DESCRIBE_REPLICAS = 20032;
    static final short ALTER_REPLICAS = 20033;
    static final short ALTER_CLUSTER_SETTINGS = 20034;
    static final short UPGRADE_CLUSTER = 20040;

    /** From here on what brokers say to each other. */
    static final short PEER_HELLO = 20100;

    static final short REPLICA_FETCH = 20101;
    static final short PARTITION_SUBSCRIPTION = 20102;

    private ApiKeys() {}
}
