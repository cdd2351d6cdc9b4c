package io.millrace.broker.kafka;

import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.Request;
import io.millrace.broker.session.ServedApi;
import io.millrace.protocol.ErrorCode;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * Serves ApiVersions: what is served, the private keys included. A version that is not served is answered in version 0, so that the
 * client can read which are.
 */
final class ApiVersionsApi implements ApiHandler {
    private static final short UNIVERSAL_VERSION = 0;
    private static final short FIRST_WITH_SOFTWARE = 3;

    @Override
    public void onRequest(Request request, long nowMs) {
        if (request.version() > ApiKeys.API_VERSIONS.latestVersion()) {
            ApiVersionsResponseData response =
                    new ApiVersionsResponseData().setErrorCode(ErrorCode.UNSUPPORTED_VERSION.code());
            add(response, request);
            request.answer(response, UNIVERSAL_VERSION);
            return;
        }
        ApiVersionsRequestData message = (ApiVersionsRequestData) request.message();
        ApiVersionsResponseData response = new ApiVersionsResponseData();
        if (request.version() >= FIRST_WITH_SOFTWARE
                && !(isName(message.clientSoftwareName()) && isName(message.clientSoftwareVersion()))) {
            response.setErrorCode(ErrorCode.INVALID_REQUEST.code());
        } else {
            add(response, request);
        }
        request.answer(response);
    }

    private static void add(ApiVersionsResponseData response, Request request) {
        for (ServedApi api : request.session().apis().all()) {
            response.apiKeys()
                    .add(new ApiVersion()
                            .setApiKey(api.key())
                            .setMinVersion(api.minVersion())
                            .setMaxVersion(api.maxVersion()));
        }
    }

    /** Letters, digits, dots and hyphens, as KIP-511 has it, with a letter or digit at both ends. */
    private static boolean isName(String text) {
        if (text.isEmpty() || !isAlphanumeric(text.charAt(0)) || !isAlphanumeric(text.charAt(text.length() - 1))) {
            return false;
        }
        return text.chars().allMatch(c -> isAlphanumeric((char) c) || c == '.' || c == '-');
    }

    private static boolean isAlphanumeric(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }
}
