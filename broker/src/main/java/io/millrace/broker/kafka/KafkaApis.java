package io.millrace.broker.kafka;

import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.ServedApi;
import io.millrace.broker.session.ServedApi.Access;
import java.util.List;
import org.apache.kafka.common.protocol.ApiKeys;

/** Kafka's APIs and who serves them, with the versions that are advertised. */
public final class KafkaApis {
    private KafkaApis() {}

    /** All of them. */
    public static List<ServedApi> served() {
        return List.of(api(ApiKeys.API_VERSIONS, 0, 4, Access.ANYBODY, new ApiVersionsApi()));
    }

    private static ServedApi api(ApiKeys key, int minVersion, int maxVersion, Access access, ApiHandler handler) {
        return new ServedApi(key.id, (short) minVersion, (short) maxVersion, access, handler);
    }
}
