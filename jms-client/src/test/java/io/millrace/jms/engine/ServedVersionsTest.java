package io.millrace.jms.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.message.HeartbeatRequestData;
import io.millrace.protocol.message.HelloResponseData.ApiVersion;
import io.millrace.protocol.message.ReplicaFetchRequestData;
import java.util.List;
import org.apache.kafka.common.protocol.ApiMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServedVersionsTest {
    /** An API that has versions 0 and 1 here. */
    private final ApiMessage request = new ReplicaFetchRequestData();

    @ParameterizedTest
    @CsvSource({"0, 0, 0", "0, 1, 1", "1, 1, 1", "0, 7, 1", "5, 7, 1"})
    void takesTheHighestVersionThatBothKnow(short min, short max, short expected) {
        ServedVersions served = new ServedVersions(List.of(
                new ApiVersion().setApiKey(request.apiKey()).setMinVersion(min).setMaxVersion(max)));
        assertThat(served.of(request)).isEqualTo(expected);
    }

    @Test
    void asksInTheFirstVersionForWhatTheBrokerDoesNotName() {
        assertThat(new ServedVersions(List.of()).of(request)).isEqualTo((short) 0);
        assertThat(new ServedVersions(List.of()).of(new HeartbeatRequestData())).isEqualTo((short) 0);
    }
}
