package io.millrace.broker.kafka;

import org.apache.kafka.common.acl.AclOperation;

/** What a client may do, as the bit fields that describe requests ask for. Whoever is let in may do all that is served. */
final class AuthorizedOperations {
    /** The field's value when it was not asked for. */
    static final int NOT_ASKED = Integer.MIN_VALUE;

    static final int TOPIC = bits(
            AclOperation.READ,
            AclOperation.WRITE,
            AclOperation.CREATE,
            AclOperation.DELETE,
            AclOperation.ALTER,
            AclOperation.DESCRIBE,
            AclOperation.DESCRIBE_CONFIGS,
            AclOperation.ALTER_CONFIGS);
    static final int CLUSTER = bits(
            AclOperation.CREATE,
            AclOperation.ALTER,
            AclOperation.DESCRIBE,
            AclOperation.DESCRIBE_CONFIGS,
            AclOperation.ALTER_CONFIGS,
            AclOperation.IDEMPOTENT_WRITE);

    static final int GROUP = bits(AclOperation.READ, AclOperation.DELETE, AclOperation.DESCRIBE);

    private AuthorizedOperations() {}

    private static int bits(AclOperation... operations) {
        int bits = 0;
        for (AclOperation operation : operations) {
            bits |= 1 << operation.code();
        }
        return bits;
    }
}
