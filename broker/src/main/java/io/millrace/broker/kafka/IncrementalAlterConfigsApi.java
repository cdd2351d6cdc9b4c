package io.millrace.broker.kafka;

import io.millrace.broker.metadata.ConfigChange;
import io.millrace.broker.metadata.Destination;
import io.millrace.broker.partition.Reply;
import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.InvalidRequestException;
import io.millrace.broker.session.Join;
import io.millrace.broker.session.Request;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse;
import org.jspecify.annotations.Nullable;

/** Serves IncrementalAlterConfigs, for topics: all changes of one topic are made, or none. A broker's settings are in its file. */
final class IncrementalAlterConfigsApi implements ApiHandler {
    @Override
    public void onRequest(Request request, long nowMs) {
        IncrementalAlterConfigsRequestData message = (IncrementalAlterConfigsRequestData) request.message();
        IncrementalAlterConfigsResponseData response = new IncrementalAlterConfigsResponseData();
        Join join = new Join(() -> request.answer(response));
        for (AlterConfigsResource resource : message.resources()) {
            AlterConfigsResourceResponse out = new AlterConfigsResourceResponse()
                    .setResourceType(resource.resourceType())
                    .setResourceName(resource.resourceName())
                    .setErrorMessage(null);
            response.responses().add(out);
            try {
                alter(request, resource, message.validateOnly(), out, join);
            } catch (InvalidRequestException e) {
                out.setErrorCode(e.error().code()).setErrorMessage(e.reason());
            }
        }
        join.allBegun();
    }

    private static void alter(
            Request request,
            AlterConfigsResource resource,
            boolean validateOnly,
            AlterConfigsResourceResponse out,
            Join join) {
        ConfigResource.Type type = ConfigResource.Type.forId(resource.resourceType());
        if (type != ConfigResource.Type.TOPIC) {
            throw new InvalidRequestException(
                    ErrorCode.INVALID_REQUEST,
                    "settings of resource type " + type
                            + " can not be changed over the wire; a broker's are in its file");
        }
        Destination topic = new Topics(request).find(resource.resourceName(), Uuid.ZERO_UUID);
        if (topic == null) {
            throw new InvalidRequestException(
                    ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "there is no topic " + resource.resourceName());
        }
        List<ConfigChange> changes = changes(resource);
        join.begin();
        request.session()
                .services()
                .registries()
                .destinations()
                .alterConfigs(
                        topic.name(), changes, validateOnly, request.session().onLane(new Reply<@Nullable Void>() {
                            @Override
                            public void complete(@Nullable Void done) {
                                join.end();
                            }

                            @Override
                            public void fail(ErrorCode error, String reason) {
                                out.setErrorCode(KafkaErrors.code(error)).setErrorMessage(reason);
                                join.end();
                            }
                        }));
    }

    private static List<ConfigChange> changes(AlterConfigsResource resource) {
        List<ConfigChange> changes = new ArrayList<>();
        for (AlterableConfig config : resource.configs()) {
            if (config.configOperation() == OpType.SET.id() && config.value() != null) {
                changes.add(new ConfigChange(config.name(), config.value()));
            } else if (config.configOperation() == OpType.DELETE.id()) {
                changes.add(new ConfigChange(config.name(), null));
            } else {
                throw new InvalidRequestException(
                        ErrorCode.INVALID_REQUEST,
                        "operation " + config.configOperation() + " on " + config.name() + " with value "
                                + config.value()
                                + "; a setting is set (0) to a value or deleted (1), and none is a list");
            }
        }
        return changes;
    }
}
