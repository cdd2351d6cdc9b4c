package io.millrace.jms.engine;

import io.millrace.protocol.message.HelloResponseData;
import io.netty.util.collection.ShortObjectHashMap;
import java.util.List;
import org.apache.kafka.common.protocol.ApiMessage;

/** The versions of each API that a broker serves, as it said in its answer to Hello. Owned by the engine. */
final class ServedVersions {
    /** Hello itself, and what a broker does not name. */
    static final short FIRST = 0;

    private final ShortObjectHashMap<HelloResponseData.ApiVersion> byKey = new ShortObjectHashMap<>();

    ServedVersions(List<HelloResponseData.ApiVersion> served) {
        served.forEach(api -> byKey.put(api.apiKey(), api));
    }

    /** The highest version that both know; the broker says what is wrong if there is none. */
    short of(ApiMessage request) {
        HelloResponseData.ApiVersion served = byKey.get(request.apiKey());
        if (served == null) {
            return FIRST;
        }
        return (short) Math.max(
                request.lowestSupportedVersion(), Math.min(request.highestSupportedVersion(), served.maxVersion()));
    }
}
