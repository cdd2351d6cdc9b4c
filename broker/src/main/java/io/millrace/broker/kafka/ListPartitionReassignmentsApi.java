package io.millrace.broker.kafka;

import io.millrace.broker.metadata.Destination;
import io.millrace.broker.metadata.PartitionState;
import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.Request;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData.ListPartitionReassignmentsTopics;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData.OngoingPartitionReassignment;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData.OngoingTopicReassignment;

/** Serves ListPartitionReassignments: those of the partitions named that move, or all that do. */
final class ListPartitionReassignmentsApi implements ApiHandler {
    @Override
    public void onRequest(Request request, long nowMs) {
        ListPartitionReassignmentsRequestData message = (ListPartitionReassignmentsRequestData) request.message();
        ListPartitionReassignmentsResponseData response =
                new ListPartitionReassignmentsResponseData().setErrorMessage(null);
        Topics topics = new Topics(request);
        List<ListPartitionReassignmentsTopics> named = message.topics();
        if (named == null) {
            for (Destination destination : topics.image().destinations()) {
                add(destination, destination.partitions(), response);
            }
        } else {
            for (ListPartitionReassignmentsTopics topic : named) {
                Destination destination = topics.find(topic.name(), Uuid.ZERO_UUID);
                if (destination != null) {
                    add(
                            destination,
                            destination.partitions().stream()
                                    .filter(state -> topic.partitionIndexes().contains(state.index()))
                                    .toList(),
                            response);
                }
            }
        }
        request.answer(response);
    }

    private static void add(
            Destination destination, List<PartitionState> states, ListPartitionReassignmentsResponseData response) {
        OngoingTopicReassignment topic = new OngoingTopicReassignment().setName(destination.topicName());
        for (PartitionState state : states) {
            if (state.placement().isMoving()) {
                topic.partitions()
                        .add(new OngoingPartitionReassignment()
                                .setPartitionIndex(state.index())
                                .setReplicas(state.placement().replicas())
                                .setAddingReplicas(state.placement().adding())
                                .setRemovingReplicas(state.placement().removing()));
            }
        }
        if (!topic.partitions().isEmpty()) {
            response.topics().add(topic);
        }
    }
}
