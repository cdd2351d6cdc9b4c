package io.millrace.broker.kafka;

import io.millrace.broker.group.GroupPartitions;
import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.ServedApi;
import io.millrace.broker.session.ServedApi.Access;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.protocol.ApiKeys;

/** Kafka's APIs and who serves them, with the versions that are advertised. */
public final class KafkaApis {
    private KafkaApis() {}

    /**
     * All of them.
     *
     * @param partitions where the groups are that this broker coordinates
     */
    public static List<ServedApi> served(GroupPartitions partitions) {
        return Stream.concat(ofTopics().stream(), ofGroups(new Groups(partitions)).stream())
                .toList();
    }

    private static List<ServedApi> ofGroups(Groups groups) {
        return List.of(
                api(ApiKeys.FIND_COORDINATOR, 0, 6, Access.AUTHENTICATED, new FindCoordinatorApi()),
                api(ApiKeys.JOIN_GROUP, 0, 9, Access.AUTHENTICATED, new JoinGroupApi(groups)),
                api(ApiKeys.SYNC_GROUP, 0, 5, Access.AUTHENTICATED, new SyncGroupApi(groups)),
                api(ApiKeys.HEARTBEAT, 0, 4, Access.AUTHENTICATED, new HeartbeatApi(groups)),
                api(ApiKeys.LEAVE_GROUP, 0, 5, Access.AUTHENTICATED, new LeaveGroupApi(groups)),
                api(ApiKeys.OFFSET_COMMIT, 2, 10, Access.AUTHENTICATED, new OffsetCommitApi(groups)),
                api(ApiKeys.OFFSET_FETCH, 1, 10, Access.AUTHENTICATED, new OffsetFetchApi(groups)),
                api(ApiKeys.OFFSET_DELETE, 0, 0, Access.AUTHENTICATED, new OffsetDeleteApi(groups)),
                api(ApiKeys.LIST_GROUPS, 0, 5, Access.AUTHENTICATED, new ListGroupsApi(groups)),
                api(ApiKeys.DESCRIBE_GROUPS, 0, 6, Access.AUTHENTICATED, new DescribeGroupsApi(groups)),
                api(ApiKeys.DELETE_GROUPS, 0, 2, Access.AUTHENTICATED, new DeleteGroupsApi(groups)));
    }

    private static List<ServedApi> ofTopics() {
        return List.of(
                api(ApiKeys.PRODUCE, 0, 13, Access.AUTHENTICATED, new ProduceApi()),
                api(ApiKeys.FETCH, 4, 18, Access.AUTHENTICATED, new FetchApi()),
                api(ApiKeys.LIST_OFFSETS, 1, 11, Access.AUTHENTICATED, new ListOffsetsApi()),
                api(ApiKeys.METADATA, 0, 13, Access.AUTHENTICATED, new MetadataApi()),
                api(ApiKeys.SASL_HANDSHAKE, 0, 1, Access.ANYBODY, SaslApis::handshake),
                api(ApiKeys.API_VERSIONS, 0, 4, Access.ANYBODY, new ApiVersionsApi()),
                api(ApiKeys.CREATE_TOPICS, 2, 7, Access.AUTHENTICATED, new CreateTopicsApi()),
                api(ApiKeys.DELETE_TOPICS, 1, 6, Access.AUTHENTICATED, new DeleteTopicsApi()),
                api(ApiKeys.INIT_PRODUCER_ID, 0, 5, Access.AUTHENTICATED, new InitProducerIdApi()),
                api(ApiKeys.OFFSET_FOR_LEADER_EPOCH, 2, 4, Access.AUTHENTICATED, new OffsetForLeaderEpochApi()),
                api(ApiKeys.DESCRIBE_CONFIGS, 1, 4, Access.AUTHENTICATED, new DescribeConfigsApi()),
                api(ApiKeys.SASL_AUTHENTICATE, 0, 2, Access.ANYBODY, SaslApis::authenticate),
                api(ApiKeys.INCREMENTAL_ALTER_CONFIGS, 0, 1, Access.AUTHENTICATED, new IncrementalAlterConfigsApi()),
                api(ApiKeys.ELECT_LEADERS, 0, 2, Access.AUTHENTICATED, new ElectLeadersApi()),
                api(
                        ApiKeys.ALTER_PARTITION_REASSIGNMENTS,
                        0,
                        1,
                        Access.AUTHENTICATED,
                        new AlterPartitionReassignmentsApi()),
                api(
                        ApiKeys.LIST_PARTITION_REASSIGNMENTS,
                        0,
                        0,
                        Access.AUTHENTICATED,
                        new ListPartitionReassignmentsApi()),
                api(ApiKeys.DESCRIBE_CLUSTER, 0, 2, Access.AUTHENTICATED, new DescribeClusterApi()),
                api(ApiKeys.DESCRIBE_TOPIC_PARTITIONS, 0, 0, Access.AUTHENTICATED, new DescribeTopicPartitionsApi()));
    }

    private static ServedApi api(ApiKeys key, int minVersion, int maxVersion, Access access, ApiHandler handler) {
        return new ServedApi(key.id, (short) minVersion, (short) maxVersion, access, handler);
    }
}
