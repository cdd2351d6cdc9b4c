package io.millrace.broker.kafka;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.ConfigKey;
import io.millrace.broker.config.DestinationConfig;
import io.millrace.broker.metadata.Destination;
import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.Request;
import io.millrace.protocol.DestinationName;
import io.millrace.protocol.ErrorCode;
import java.util.Collection;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsSynonym;
import org.jspecify.annotations.Nullable;

/** Serves DescribeConfigs, of topics and of this broker. */
final class DescribeConfigsApi implements ApiHandler {
    private static final String DEFAULT_PREFIX = "default.";

    @Override
    public void onRequest(Request request, long nowMs) {
        DescribeConfigsRequestData message = (DescribeConfigsRequestData) request.message();
        DescribeConfigsResponseData response = new DescribeConfigsResponseData();
        for (DescribeConfigsResource resource : message.resources()) {
            DescribeConfigsResult result = new DescribeConfigsResult()
                    .setResourceType(resource.resourceType())
                    .setResourceName(resource.resourceName())
                    .setErrorMessage(null);
            response.results().add(result);
            Description description = new Description(
                    result, resource.configurationKeys(), message.includeSynonyms(), message.includeDocumentation());
            describe(request, resource, description);
        }
        request.answer(response);
    }

    private static void describe(Request request, DescribeConfigsResource resource, Description out) {
        ConfigResource.Type type = ConfigResource.Type.forId(resource.resourceType());
        if (type == ConfigResource.Type.TOPIC) {
            describeTopic(request, resource.resourceName(), out);
        } else if (type == ConfigResource.Type.BROKER) {
            describeBroker(request, resource.resourceName(), out);
        } else {
            out.fail(
                    ErrorCode.INVALID_REQUEST,
                    "resource type " + type + " has no settings here; topics and brokers have");
        }
    }

    private static void describeTopic(Request request, String name, Description out) {
        if (!DestinationName.isLegalTopicName(name)) {
            out.fail(ErrorCode.INVALID_TOPIC_EXCEPTION, ErrorCode.INVALID_TOPIC_EXCEPTION.meaning());
            return;
        }
        Destination topic = new Topics(request).find(name, Uuid.ZERO_UUID);
        if (topic == null) {
            out.fail(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "there is no topic " + name);
            return;
        }
        DestinationConfig config = topic.config();
        for (ConfigKey<?> key : DestinationConfig.keys()) {
            if (out.wants(key)) {
                DescribeConfigsResourceResult entry =
                        out.add(key, config.text(key), ConfigSources.code(config.source(key)), false);
                out.addSynonyms(entry, synonyms(request, key, config));
            }
        }
    }

    /** Where a value was set, the one in force first. */
    private static List<DescribeConfigsSynonym> synonyms(Request request, ConfigKey<?> key, DestinationConfig config) {
        List<DescribeConfigsSynonym> synonyms = new java.util.ArrayList<>();
        String own = config.overrides().get(key.name());
        if (own != null) {
            synonyms.add(synonym(key.name(), own, ConfigSources.code(DestinationConfig.Source.DESTINATION)));
        }
        String brokers = request.session()
                .services()
                .config()
                .broker()
                .destinationDefaults()
                .get(key.name());
        if (brokers != null) {
            synonyms.add(synonym(DEFAULT_PREFIX + key.name(), brokers, ConfigSources.STATIC_BROKER));
        }
        synonyms.add(synonym(key.name(), key.defaultText(), ConfigSources.DEFAULT));
        return synonyms;
    }

    private static void describeBroker(Request request, String name, Description out) {
        int brokerId = request.session().services().config().brokerId();
        if (!name.isEmpty() && !name.equals(Integer.toString(brokerId))) {
            out.fail(ErrorCode.INVALID_REQUEST, "broker " + name + " is not here; this is broker " + brokerId);
            return;
        }
        BrokerConfig config = request.session().services().config().broker();
        for (ConfigKey<?> key : BrokerConfig.keys()) {
            if (out.wants(key)) {
                byte source = config.isSet(key) ? ConfigSources.STATIC_BROKER : ConfigSources.DEFAULT;
                DescribeConfigsResourceResult entry = out.add(key, config.text(key), source, true);
                out.addSynonyms(entry, List.of(synonym(key.name(), key.defaultText(), ConfigSources.DEFAULT)));
            }
        }
    }

    private static DescribeConfigsSynonym synonym(String name, String value, byte source) {
        return new DescribeConfigsSynonym().setName(name).setValue(value).setSource(source);
    }

    /** The description of one resource being written. */
    private static final class Description {
        private final DescribeConfigsResult result;
        private final @Nullable Collection<String> wanted;
        private final boolean synonyms;
        private final boolean documentation;

        Description(
                DescribeConfigsResult result,
                @Nullable Collection<String> wanted,
                boolean synonyms,
                boolean documentation) {
            this.result = result;
            this.wanted = wanted;
            this.synonyms = synonyms;
            this.documentation = documentation;
        }

        boolean wants(ConfigKey<?> key) {
            return wanted == null || wanted.contains(key.name());
        }

        DescribeConfigsResourceResult add(ConfigKey<?> key, String value, byte source, boolean readOnly) {
            DescribeConfigsResourceResult entry = new DescribeConfigsResourceResult()
                    .setName(key.name())
                    .setValue(key.secret() ? null : value)
                    .setReadOnly(readOnly)
                    .setConfigSource(source)
                    .setIsSensitive(key.secret())
                    .setConfigType(ConfigSources.type(key))
                    .setDocumentation(documentation ? key.about() : null);
            result.configs().add(entry);
            return entry;
        }

        void addSynonyms(DescribeConfigsResourceResult entry, List<DescribeConfigsSynonym> list) {
            if (synonyms && !entry.isSensitive()) {
                entry.setSynonyms(list);
            }
        }

        void fail(ErrorCode error, String message) {
            result.setErrorCode(error.code()).setErrorMessage(message);
        }
    }
}
