package io.millrace.broker.kafka;

import io.millrace.broker.group.GroupCoordinator;
import io.millrace.broker.group.GroupPartition;
import io.millrace.broker.group.GroupPartitions;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.partition.Reply;
import io.millrace.broker.session.Request;
import io.millrace.protocol.ErrorCode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Groups as requests name them: finds a group's coordinator and calls it on its lane. For any lane. */
final class Groups {
    private final GroupPartitions partitions;

    Groups(GroupPartitions partitions) {
        this.partitions = partitions;
    }

    /**
     * Calls the coordinator of a group. The reply fails with {@code NOT_COORDINATOR} if it is not here, or {@code
     * COORDINATOR_LOAD_IN_PROGRESS}.
     *
     * @param reply given on the request's lane
     */
    <T extends @Nullable Object> void call(Request request, String groupId, Reply<T> reply, Call<T> call) {
        MetadataImage image =
                request.session().services().registries().destinations().image();
        GroupPartition found = partitions.find(image, groupId);
        if (found == null) {
            reply.fail(ErrorCode.NOT_COORDINATOR, ErrorCode.NOT_COORDINATOR.meaning());
            return;
        }
        Reply<T> onLane = request.session().onLane(reply);
        found.call(onLane, (coordinator, nowMs) -> call.on(coordinator, onLane, nowMs));
    }

    /** All coordinators here. */
    List<GroupPartition> all() {
        return partitions.all();
    }

    /** What is asked of a coordinator, on its lane. */
    @FunctionalInterface
    interface Call<T extends @Nullable Object> {
        void on(GroupCoordinator coordinator, Reply<T> reply, long nowMs);
    }
}
