package io.millrace.broker.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.EmbeddedBroker;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.AlterClusterSettingsRequestData;
import io.millrace.protocol.message.AlterReplicasRequestData;
import io.millrace.protocol.message.AttachRequestData;
import io.millrace.protocol.message.BrowseRequestData;
import io.millrace.protocol.message.ClaimClientIdRequestData;
import io.millrace.protocol.message.ClusterStateRequestData;
import io.millrace.protocol.message.CreateDestinationRequestData;
import io.millrace.protocol.message.DeleteDestinationRequestData;
import io.millrace.protocol.message.DeliverRequestData;
import io.millrace.protocol.message.DescribeDestinationRequestData;
import io.millrace.protocol.message.DescribeReplicasRequestData;
import io.millrace.protocol.message.DetachRequestData;
import io.millrace.protocol.message.ElectPreferredLeadersRequestData;
import io.millrace.protocol.message.HeartbeatRequestData;
import io.millrace.protocol.message.HelloRequestData;
import io.millrace.protocol.message.ListDestinationsRequestData;
import io.millrace.protocol.message.PeerHelloRequestData;
import io.millrace.protocol.message.ResolveDestinationRequestData;
import io.millrace.protocol.message.ResolveDestinationResponseData;
import io.millrace.protocol.message.SendRequestData;
import io.millrace.protocol.message.SettleRequestData;
import io.millrace.protocol.message.UnsubscribeRequestData;
import io.millrace.protocol.message.UpgradeClusterRequestData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Garbage on the port: every connection ends, and the broker serves afterwards. A seed that fails is in the message. */
@Timeout(300)
class FuzzTest {
    private static final int SEEDS = Integer.getInteger("millrace.fuzz.seeds", 300);
    private static final String TOPIC = "fuzzed";

    private static EmbeddedBroker broker;
    private static Uuid topicId;
    private static Uuid queueId;
    private static SampleRequests samples;

    @BeforeAll
    static void start() throws IOException {
        broker = EmbeddedBroker.builder()
                .property("group.initial.rebalance.delay.ms", "0")
                .start();
        broker.createTopic(TOPIC);
        broker.createQueue("q");
        try (RawClient client = new RawClient(broker.port())) {
            MetadataResponseData metadata =
                    (MetadataResponseData) client.call(new SampleRequests(TOPIC, Uuid.ZERO_UUID).metadata(12), 12);
            topicId = metadata.topics().find(TOPIC).topicId();
            client.call(hello(), 0);
            queueId = ((ResolveDestinationResponseData)
                            client.call(new ResolveDestinationRequestData().setName("q"), 0))
                    .topicId();
        }
        samples = new SampleRequests(TOPIC, topicId);
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @AfterEach
    void servesAfterwards() throws IOException {
        try (RawClient client = new RawClient(broker.port())) {
            ProduceResponseData produced = (ProduceResponseData) client.call(samples.produce(9), 9);
            assertThat(produced.responses()
                            .find(TOPIC, Uuid.ZERO_UUID)
                            .partitionResponses()
                            .get(0)
                            .errorCode())
                    .isEqualTo(ErrorCode.NONE.code());
        }
    }

    @Test
    void survivesRandomBytes() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            byte[] bytes = new byte[1 + random.nextInt(2000)];
            random.nextBytes(bytes);
            if (seed % 2 == 0) { // a length that is taken
                ByteBuffer.wrap(bytes).putInt(0, Math.max(4, bytes.length - 4));
            }
            endsConnection(seed, bytes);
        }
    }

    @Test
    void survivesMutatedFramesOfKafkasApis() throws IOException {
        List<byte[]> frames = new ArrayList<>();
        for (SampleRequests.Sample sample : samples.all()) {
            if (sample.api().id != org.apache.kafka.common.protocol.ApiKeys.DELETE_TOPICS.id) {
                frames.add(RawClient.encode(sample.request(), sample.version(), 1));
            }
        }
        for (int seed = 0; seed < SEEDS * 3; seed++) {
            endsConnection(seed, mutated(frames.get(seed % frames.size()), new Random(seed)));
        }
    }

    @Test
    void survivesMutatedFramesOfPrivateApis() throws IOException {
        List<byte[]> frames = new ArrayList<>();
        for (ApiMessage request : privateRequests()) {
            frames.add(RawClient.encode(request, 0, 1));
        }
        byte[] hello = RawClient.encode(hello(), 0, 1);
        for (int seed = 0; seed < SEEDS * 3; seed++) {
            Random random = new Random(seed);
            byte[] frame = mutated(frames.get(seed % frames.size()), random);
            byte[] both = new byte[hello.length + frame.length];
            System.arraycopy(hello, 0, both, 0, hello.length);
            System.arraycopy(frame, 0, both, hello.length, frame.length);
            try (RawClient client = new RawClient(broker.port())) {
                client.write(hello);
                client.frame(); // frames behind a Hello that is not answered yet are refused
                client.write(frame);
                assertThat(client.drains()).as("seed %d", seed).isTrue();
            }
        }
    }

    @Test
    void takesAFrameByteByByte() throws IOException {
        try (RawClient client = new RawClient(broker.port())) {
            for (byte b : RawClient.encode(samples.produce(11), 11, 5)) {
                client.write(new byte[] {b});
            }
            assertThat(client.answer((short) 0, 11)).isNotNull();
        }
    }

    @Test
    void endsAConnectionWithALengthOutOfRange() throws IOException {
        for (int length : new int[] {0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, 0x47455420}) {
            try (RawClient client = new RawClient(broker.port())) {
                client.write(ByteBuffer.allocate(4).putInt(length).array());
                assertThat(client.isClosedByBroker()).as("length %d", length).isTrue();
            }
        }
    }

    private static void endsConnection(int seed, byte[] bytes) throws IOException {
        try (RawClient client = new RawClient(broker.port())) {
            try {
                client.write(bytes);
                assertThat(client.drains()).as("seed %d", seed).isTrue();
            } catch (java.net.SocketException e) {
                // closed by the broker while it was written to
            }
        }
    }

    /** The frame with a few bytes changed, cut off, doubled or lied about; its length field stays true in most. */
    private static byte[] mutated(byte[] frame, Random random) {
        byte[] bytes = frame.clone();
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            int at = 8 + random.nextInt(bytes.length - 8);
            switch (random.nextInt(5)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] = (byte) 0xff;
                case 2 -> bytes[at] = 0;
                case 3 -> bytes = java.util.Arrays.copyOf(bytes, Math.max(12, at));
                default -> bytes = java.util.Arrays.copyOf(bytes, bytes.length + random.nextInt(8));
            }
        }
        if (random.nextInt(10) > 0) {
            ByteBuffer.wrap(bytes).putInt(0, bytes.length - 4);
        }
        return bytes;
    }

    private static HelloRequestData hello() {
        return new HelloRequestData()
                .setConnectionId(Uuid.randomUuid())
                .setClientId(null)
                .setUser(null)
                .setPassword(null)
                .setSoftwareName("fuzz")
                .setSoftwareVersion("1");
    }

    private static List<ApiMessage> privateRequests() {
        byte[] value = "fuzz".getBytes(StandardCharsets.UTF_8);
        ByteBuffer batch = MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(1L, value))
                .buffer();
        return List.of(
                new ClaimClientIdRequestData().setClientId("fuzz"),
                new ResolveDestinationRequestData().setName("q").setCreate(true),
                new SendRequestData().setTopicId(queueId).setDurable(true).setRecords(batch.duplicate()),
                new SendRequestData().setTopicId(queueId).setRecords(batch.duplicate()),
                new AttachRequestData()
                        .setConsumerId(1)
                        .setTopicId(queueId)
                        .setSubscriptionName(null)
                        .setSelector(null)
                        .setDeliveryLimit(10)
                        .setHeld(List.of(new AttachRequestData.HeldRange().setLastOffset(3)))
                        .setSettlements(List.of(new AttachRequestData.Settlement().setConsumerId(1))),
                new AttachRequestData()
                        .setConsumerId(1)
                        .setTopicId(topicId)
                        .setSubscriptionKind((byte) 1)
                        .setSubscriptionName(null)
                        .setSelector(null),
                new DetachRequestData()
                        .setConsumerId(1)
                        .setSettlements(List.of(new DetachRequestData.Settlement().setConsumerId(1))),
                new DeliverRequestData()
                        .setSettlementSequence(3)
                        .setSettlements(List.of(new DeliverRequestData.Settlement().setConsumerId(1)))
                        .setCredits(List.of(
                                new DeliverRequestData.Credit().setConsumerId(1).setDeliveryLimit(5))),
                new SettleRequestData()
                        .setSettlementSequence(3)
                        .setSettlements(List.of(new SettleRequestData.Settlement().setConsumerId(1))),
                new BrowseRequestData()
                        .setTopicId(queueId)
                        .setSubscriptionName(null)
                        .setSelector(null)
                        .setMaxBytes(1000)
                        .setMaxMessages(10),
                new UnsubscribeRequestData().setSubscriptionName("s"),
                new DescribeDestinationRequestData().setName("q"),
                new CreateDestinationRequestData().setName("made").setConfigs(List.of()),
                new DeleteDestinationRequestData().setName("made"),
                new ListDestinationsRequestData(),
                new ClusterStateRequestData(),
                new ElectPreferredLeadersRequestData(),
                new DescribeReplicasRequestData(),
                new AlterReplicasRequestData()
                        .setPartitions(List.of(new AlterReplicasRequestData.AlteredPartition()
                                .setName("made")
                                .setReplicas(List.of(1, 2)))),
                new AlterClusterSettingsRequestData().setEnterMaintenance(List.of(1)),
                new UpgradeClusterRequestData(),
                new HeartbeatRequestData(),
                new PeerHelloRequestData()
                        .setClusterId("cluster")
                        .setBrokerId(1)
                        .setSecret("secret"),
                hello());
    }
}
