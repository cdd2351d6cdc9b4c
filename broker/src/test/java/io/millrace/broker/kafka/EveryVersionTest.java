package io.millrace.broker.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.EmbeddedBroker;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.group.GroupConfig;
import io.millrace.broker.group.GroupPartitions;
import io.millrace.broker.session.ServedApi;
import io.millrace.protocol.ErrorCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class EveryVersionTest {
    private static final String TOPIC = "every-version";
    private static final Pattern ERROR_CODE = Pattern.compile("[eE]rrorCode=(-?\\d+)");

    private static EmbeddedBroker broker;
    private static Uuid topicId;

    @BeforeAll
    static void start() throws IOException {
        broker = EmbeddedBroker.builder()
                .property("group.initial.rebalance.delay.ms", "0")
                .start();
        broker.createTopic(TOPIC);
        try (RawClient client = new RawClient(broker.port())) {
            MetadataResponseData metadata = (MetadataResponseData) client.call(
                    new MetadataRequestData().setTopics(List.of(new MetadataRequestTopic().setName(TOPIC))), 12);
            topicId = metadata.topics().find(TOPIC).topicId();
        }
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @TestFactory
    List<DynamicTest> answersEveryApiInEveryVersion() {
        return new SampleRequests(TOPIC, topicId)
                .all().stream()
                        .map(sample -> DynamicTest.dynamicTest(
                                sample.api().name + " " + sample.version(), () -> answers(sample)))
                        .toList();
    }

    @Test
    void hasASampleOfEveryVersionAdvertised() {
        // Given
        List<String> sampled = new ArrayList<>();
        new SampleRequests(TOPIC, topicId).all().forEach(s -> sampled.add(s.api().id + " " + s.version()));

        // When // Then
        for (ServedApi api :
                KafkaApis.served(new GroupPartitions(GroupConfig.of(BrokerConfig.of(Map.of())), UUID::randomUUID))) {
            for (int version = api.minVersion(); version <= api.maxVersion(); version++) {
                boolean elsewhere = api.key() == ApiKeys.SASL_AUTHENTICATE.id
                        || (api.key() == ApiKeys.SASL_HANDSHAKE.id && version == 0)
                        || (api.key() == ApiKeys.PRODUCE.id && version < 3);
                assertThat(elsewhere || sampled.contains(api.key() + " " + version))
                        .as("a sample of API %d version %d", api.key(), version)
                        .isTrue();
            }
        }
    }

    @Test
    void answersApiVersionsOfTheFutureInVersionZero() throws IOException {
        try (RawClient client = new RawClient(broker.port())) {
            // Given
            byte[] frame = RawClient.encode(
                    new ApiVersionsRequestData().setClientSoftwareName("x").setClientSoftwareVersion("1"), 4, 9);
            frame[7] = 99;

            // When
            client.write(frame);
            ApiVersionsResponseData response = (ApiVersionsResponseData) client.answer(ApiKeys.API_VERSIONS.id, 0);

            // Then
            assertThat(response.errorCode()).isEqualTo(ErrorCode.UNSUPPORTED_VERSION.code());
            assertThat(response.apiKeys().find(ApiKeys.API_VERSIONS.id).maxVersion())
                    .isEqualTo((short) 4);
            assertThat(response.apiKeys().find((short) 20000)).isNotNull();
            assertThat(client.call(new MetadataRequestData().setTopics(List.of()), 9))
                    .isNotNull();
        }
    }

    @Test
    void answersInTheOrderOfTheRequestsAlthoughTheFirstWaits() throws IOException {
        try (RawClient client = new RawClient(broker.port())) {
            // Given
            SampleRequests samples = new SampleRequests("empty", Uuid.ZERO_UUID);
            broker.createTopic("empty");
            ApiMessage parked =
                    ((org.apache.kafka.common.message.FetchRequestData) samples.fetch(12)).setMaxWaitMs(300);

            // When
            client.send(parked, 12);
            client.send(samples.metadata(9), 9);

            // Then
            FetchResponseData fetched = (FetchResponseData) client.answer(ApiKeys.FETCH.id, 12);
            assertThat(fetched.responses().get(0).partitions().get(0).records().sizeInBytes())
                    .isZero();
            assertThat(client.answer(ApiKeys.METADATA.id, 9)).isNotNull();
        }
    }

    @Test
    void saysThatThereIsNoCoordinatorOfTransactions() throws IOException {
        try (RawClient client = new RawClient(broker.port())) {
            // When
            ApiMessage response =
                    client.call(new FindCoordinatorRequestData().setKey("t").setKeyType((byte) 1), 3);

            // Then
            assertThat(((FindCoordinatorResponseData) response).errorCode())
                    .isEqualTo(ErrorCode.UNSUPPORTED_VERSION.code());
        }
    }

    private static void answers(SampleRequests.Sample sample) throws IOException {
        try (RawClient client = new RawClient(broker.port())) {
            // When
            ApiMessage response = client.call(sample.request(), sample.version());

            // Then
            Matcher errors = ERROR_CODE.matcher(response.toString());
            while (errors.find()) {
                assertThat(Integer.parseInt(errors.group(1)))
                        .as(response.toString())
                        .isIn(0, (int) sample.expected().code());
            }
        }
    }
}
