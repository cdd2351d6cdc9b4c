package io.millrace.broker.kafka;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.TopicRequest;
import org.apache.kafka.common.message.ElectLeadersRequestData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.SaslHandshakeRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** A valid request of each of Kafka's APIs, on one topic that exists. */
record SampleRequests(String topic, Uuid topicId) {
    /** An API and one of its versions, with a request in it, and the error in its answer where there is one. */
    record Sample(ApiKeys api, int version, ApiMessage request, Errors expected) {}

    /** Every API in every version served; those that destroy the topic are at the end. */
    List<Sample> all() {
        List<Sample> samples = new ArrayList<>();
        add(samples, ApiKeys.API_VERSIONS, 0, 4, v -> new ApiVersionsRequestData()
                .setClientSoftwareName(v >= 3 ? "raw" : "")
                .setClientSoftwareVersion(v >= 3 ? "1.0" : ""));
        add(samples, ApiKeys.METADATA, 0, 13, this::metadata);
        add(samples, ApiKeys.PRODUCE, 3, 13, this::produce);
        add(samples, ApiKeys.FETCH, 4, 18, this::fetch);
        add(samples, ApiKeys.LIST_OFFSETS, 1, 11, this::listOffsets);
        add(samples, ApiKeys.INIT_PRODUCER_ID, 0, 5, v -> new InitProducerIdRequestData().setTransactionalId(null));
        add(samples, ApiKeys.OFFSET_FOR_LEADER_EPOCH, 2, 4, this::offsetForLeaderEpoch);
        add(samples, ApiKeys.CREATE_TOPICS, 2, 7, v -> createTopic("made-by-version-" + v));
        add(samples, ApiKeys.FIND_COORDINATOR, 0, 6, SampleRequests::findCoordinator);
        add(samples, ApiKeys.OFFSET_COMMIT, 2, 10, this::offsetCommit);
        add(samples, ApiKeys.OFFSET_FETCH, 1, 10, this::offsetFetch);
        add(samples, ApiKeys.JOIN_GROUP, 0, 3, SampleRequests::joinGroup);
        add(samples, ApiKeys.JOIN_GROUP, 4, 4, SampleRequests::joinGroup, Errors.MEMBER_ID_REQUIRED);
        add(samples, ApiKeys.JOIN_GROUP, 5, 9, SampleRequests::joinGroup);
        add(samples, ApiKeys.SYNC_GROUP, 0, 5, SampleRequests::syncGroup, Errors.UNKNOWN_MEMBER_ID);
        add(samples, ApiKeys.HEARTBEAT, 0, 4, SampleRequests::heartbeat, Errors.UNKNOWN_MEMBER_ID);
        add(samples, ApiKeys.LEAVE_GROUP, 0, 5, SampleRequests::leaveGroup, Errors.UNKNOWN_MEMBER_ID);
        add(samples, ApiKeys.LIST_GROUPS, 0, 5, v -> new ListGroupsRequestData());
        add(samples, ApiKeys.DESCRIBE_GROUPS, 0, 6, v -> new DescribeGroupsRequestData()
                .setGroups(List.of("g9"))
                .setIncludeAuthorizedOperations(v >= 3));
        add(samples, ApiKeys.OFFSET_DELETE, 0, 0, v -> offsetDelete());
        add(samples, ApiKeys.DELETE_GROUPS, 0, 2, v -> new DeleteGroupsRequestData()
                .setGroupsNames(List.of("g" + (v + 2))));
        add(samples, ApiKeys.DESCRIBE_CLUSTER, 0, 2, v -> new DescribeClusterRequestData());
        add(samples, ApiKeys.DESCRIBE_TOPIC_PARTITIONS, 0, 0, v -> new DescribeTopicPartitionsRequestData()
                .setTopics(List.of(new TopicRequest().setName(topic))));
        add(samples, ApiKeys.DESCRIBE_CONFIGS, 1, 4, this::describeConfigs);
        add(samples, ApiKeys.INCREMENTAL_ALTER_CONFIGS, 0, 1, v -> alterConfigs());
        add(
                samples,
                ApiKeys.ALTER_PARTITION_REASSIGNMENTS,
                0,
                1,
                v -> reassignment(),
                Errors.INVALID_REPLICA_ASSIGNMENT); // the broker is alone
        add(samples, ApiKeys.ELECT_LEADERS, 0, 2, v -> new ElectLeadersRequestData().setTopicPartitions(null));
        add(samples, ApiKeys.LIST_PARTITION_REASSIGNMENTS, 0, 0, v -> new ListPartitionReassignmentsRequestData());
        add(samples, ApiKeys.SASL_HANDSHAKE, 1, 1, v -> new SaslHandshakeRequestData().setMechanism("PLAIN"));
        add(samples, ApiKeys.DELETE_TOPICS, 1, 6, v -> deleteTopic("made-by-version-" + (v == 1 ? 7 : v), v));
        return samples;
    }

    private ApiMessage reassignment() {
        return new AlterPartitionReassignmentsRequestData()
                .setTopics(List.of(new AlterPartitionReassignmentsRequestData.ReassignableTopic()
                        .setName(topic)
                        .setPartitions(List.of(new AlterPartitionReassignmentsRequestData.ReassignablePartition()
                                .setPartitionIndex(0)
                                .setReplicas(List.of(7))))));
    }

    ApiMessage metadata(int version) {
        return new MetadataRequestData().setTopics(List.of(new MetadataRequestTopic().setName(topic)));
    }

    ApiMessage produce(int version) {
        byte[] value = ("produced in version " + version).getBytes(StandardCharsets.UTF_8);
        MemoryRecords batch = MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(1_700_000_000_000L, value));
        TopicProduceData data = new TopicProduceData()
                .setPartitionData(List.of(new PartitionProduceData().setIndex(0).setRecords(batch)));
        ProduceRequestData request =
                new ProduceRequestData().setAcks((short) -1).setTimeoutMs(1000);
        request.topicData().add(version >= 13 ? data.setTopicId(topicId) : data.setName(topic));
        return request;
    }

    ApiMessage fetch(int version) {
        FetchTopic wanted = new FetchTopic()
                .setPartitions(List.of(
                        new FetchPartition().setPartition(0).setFetchOffset(0).setPartitionMaxBytes(1_000_000)));
        return new FetchRequestData()
                .setMaxWaitMs(10)
                .setMinBytes(1)
                .setMaxBytes(1_000_000)
                .setTopics(List.of(version >= 13 ? wanted.setTopicId(topicId) : wanted.setTopic(topic)));
    }

    ApiMessage listOffsets(int version) {
        return new ListOffsetsRequestData()
                .setReplicaId(-1)
                .setTopics(List.of(new ListOffsetsTopic()
                        .setName(topic)
                        .setPartitions(List.of(
                                new ListOffsetsPartition().setPartitionIndex(0).setTimestamp(-1)))));
    }

    private ApiMessage offsetForLeaderEpoch(int version) {
        OffsetForLeaderEpochRequestData request = new OffsetForLeaderEpochRequestData();
        request.topics()
                .add(new OffsetForLeaderTopic()
                        .setTopic(topic)
                        .setPartitions(List.of(
                                new OffsetForLeaderPartition().setPartition(0).setLeaderEpoch(0))));
        return request;
    }

    private static ApiMessage findCoordinator(int version) {
        FindCoordinatorRequestData request = new FindCoordinatorRequestData();
        return version >= 4 ? request.setCoordinatorKeys(List.of("g")) : request.setKey("g");
    }

    private ApiMessage offsetFetch(int version) {
        OffsetFetchRequestData request = new OffsetFetchRequestData();
        if (version < 8) {
            return request.setGroupId("g9")
                    .setTopics(
                            List.of(new OffsetFetchRequestTopic().setName(topic).setPartitionIndexes(List.of(0))));
        }
        OffsetFetchRequestTopics wanted = new OffsetFetchRequestTopics().setPartitionIndexes(List.of(0));
        return request.setGroups(List.of(new OffsetFetchRequestGroup()
                .setGroupId("g9")
                .setTopics(List.of(version >= 10 ? wanted.setTopicId(topicId) : wanted.setName(topic)))));
    }

    private ApiMessage offsetCommit(int version) {
        OffsetCommitRequestTopic committed = new OffsetCommitRequestTopic()
                .setPartitions(List.of(new OffsetCommitRequestPartition()
                        .setPartitionIndex(0)
                        .setCommittedOffset(version)
                        .setCommittedMetadata("m")));
        return new OffsetCommitRequestData()
                .setGroupId("g" + version)
                .setTopics(List.of(version >= 10 ? committed.setTopicId(topicId) : committed.setName(topic)));
    }

    private static ApiMessage joinGroup(int version) {
        JoinGroupRequestData request = new JoinGroupRequestData()
                .setGroupId("joined-" + version)
                .setSessionTimeoutMs(10_000)
                .setProtocolType("consumer");
        request.protocols()
                .add(new JoinGroupRequestProtocol().setName("range").setMetadata(new byte[] {0, 0, 0, 0, 0, 0}));
        if (version >= 1) {
            request.setRebalanceTimeoutMs(10_000);
        }
        return version >= 5 ? request.setGroupInstanceId("instance") : request;
    }

    private static ApiMessage syncGroup(int version) {
        SyncGroupRequestData request = new SyncGroupRequestData()
                .setGroupId("joined-0")
                .setMemberId("nobody")
                .setGenerationId(1);
        return version >= 5 ? request.setProtocolType("consumer").setProtocolName("range") : request;
    }

    private static ApiMessage heartbeat(int version) {
        return new HeartbeatRequestData()
                .setGroupId("joined-0")
                .setMemberId("nobody")
                .setGenerationId(1);
    }

    private static ApiMessage leaveGroup(int version) {
        LeaveGroupRequestData request = new LeaveGroupRequestData().setGroupId("joined-0");
        return version >= 3
                ? request.setMembers(List.of(new MemberIdentity().setMemberId("nobody")))
                : request.setMemberId("nobody");
    }

    private ApiMessage offsetDelete() {
        OffsetDeleteRequestData request = new OffsetDeleteRequestData().setGroupId("g8");
        request.topics()
                .add(new OffsetDeleteRequestTopic()
                        .setName(topic)
                        .setPartitions(List.of(new OffsetDeleteRequestPartition().setPartitionIndex(0))));
        return request;
    }

    private static ApiMessage createTopic(String name) {
        CreateTopicsRequestData request = new CreateTopicsRequestData();
        request.topics()
                .add(new CreatableTopic().setName(name).setNumPartitions(1).setReplicationFactor((short) 1));
        return request;
    }

    private static ApiMessage deleteTopic(String name, int version) {
        DeleteTopicsRequestData request = new DeleteTopicsRequestData();
        return version >= 6
                ? request.setTopics(List.of(new DeleteTopicState().setName(name)))
                : request.setTopicNames(List.of(name));
    }

    private ApiMessage describeConfigs(int version) {
        return new DescribeConfigsRequestData()
                .setResources(List.of(
                        new DescribeConfigsResource()
                                .setResourceType((byte) 2)
                                .setResourceName(topic)
                                .setConfigurationKeys(null),
                        new DescribeConfigsResource()
                                .setResourceType((byte) 4)
                                .setResourceName("0")
                                .setConfigurationKeys(null)))
                .setIncludeSynonyms(true)
                .setIncludeDocumentation(version >= 3);
    }

    private ApiMessage alterConfigs() {
        IncrementalAlterConfigsRequestData request = new IncrementalAlterConfigsRequestData();
        AlterConfigsResource resource =
                new AlterConfigsResource().setResourceType((byte) 2).setResourceName(topic);
        resource.configs()
                .add(new AlterableConfig()
                        .setName("retention.ms")
                        .setConfigOperation((byte) 0)
                        .setValue("86400000"));
        request.resources().add(resource);
        return request;
    }

    private static void add(List<Sample> samples, ApiKeys api, int first, int last, IntFunction<ApiMessage> request) {
        add(samples, api, first, last, request, Errors.NONE);
    }

    private static void add(
            List<Sample> samples, ApiKeys api, int first, int last, IntFunction<ApiMessage> request, Errors expected) {
        for (int version = first; version <= last; version++) {
            samples.add(new Sample(api, version, request.apply(version), expected));
        }
    }
}
