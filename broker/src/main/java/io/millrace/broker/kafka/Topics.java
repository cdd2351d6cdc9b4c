package io.millrace.broker.kafka;

import io.millrace.broker.metadata.Destination;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.session.HostedPartition;
import io.millrace.broker.session.Ids;
import io.millrace.broker.session.Request;
import io.millrace.protocol.ErrorCode;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/** Topics as Kafka's requests name them: by name, or by id from some version on. Holds one image for one request. */
final class Topics {
    private final Request request;
    private final MetadataImage image;

    Topics(Request request) {
        this.request = request;
        this.image = request.session().services().registries().destinations().image();
    }

    MetadataImage image() {
        return image;
    }

    /** The topic of that id, or if the id is zero of that name; null if there is none. */
    @Nullable
    Destination find(@Nullable String name, Uuid id) {
        if (!id.equals(Uuid.ZERO_UUID)) {
            return image.findByTopicId(Ids.of(id));
        }
        return name == null ? null : image.findByTopicName(name);
    }

    /** The partition, or null if this broker does not hold it. */
    @Nullable
    HostedPartition partition(@Nullable Destination topic, int index) {
        return topic == null ? null : request.session().services().partitions().find(topic.topicId(), index);
    }

    /** Why {@link #partition} found nothing. */
    static ErrorCode absence(@Nullable Destination topic, Uuid id, int index) {
        if (topic == null) {
            return id.equals(Uuid.ZERO_UUID) ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.UNKNOWN_TOPIC_ID;
        }
        boolean exists = index >= 0 && index < topic.partitions().size();
        return exists ? ErrorCode.NOT_LEADER_OR_FOLLOWER : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
    }
}
