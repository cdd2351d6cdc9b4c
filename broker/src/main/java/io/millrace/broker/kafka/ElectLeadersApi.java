package io.millrace.broker.kafka;

import io.millrace.broker.metadata.Destination;
import io.millrace.broker.metadata.PartitionState;
import io.millrace.broker.partition.Reply;
import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.Join;
import io.millrace.broker.session.Request;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.ElectLeadersRequestData;
import org.apache.kafka.common.message.ElectLeadersRequestData.TopicPartitions;
import org.apache.kafka.common.message.ElectLeadersResponseData;
import org.apache.kafka.common.message.ElectLeadersResponseData.PartitionResult;
import org.apache.kafka.common.message.ElectLeadersResponseData.ReplicaElectionResult;

/** Serves ElectLeaders: any broker does, each partition for itself, and only for preferred leaders. */
final class ElectLeadersApi implements ApiHandler {
    private static final byte PREFERRED = 0;

    @Override
    public void onRequest(Request request, long nowMs) {
        ElectLeadersRequestData message = (ElectLeadersRequestData) request.message();
        ElectLeadersResponseData response = new ElectLeadersResponseData();
        boolean isAll = message.topicPartitions() == null;
        if (isAll) {
            addAll(new Topics(request), response);
        } else {
            message.topicPartitions().forEach(topic -> add(topic, response));
        }
        if (message.electionType() != PREFERRED) {
            refuse(response, isAll);
            request.answer(response);
            return;
        }
        Join join = new Join(() -> {
            if (isAll) {
                leaveOutWhatNeededNone(response);
            }
            request.answer(response);
        });
        for (ReplicaElectionResult topic : response.replicaElectionResults()) {
            topic.partitionResult().forEach(partition -> elect(request, topic.topic(), partition, join));
        }
        join.allBegun();
    }

    private static void addAll(Topics topics, ElectLeadersResponseData response) {
        for (Destination destination : topics.image().destinations()) {
            ReplicaElectionResult out = new ReplicaElectionResult().setTopic(destination.topicName());
            destination.partitions().forEach(state -> out.partitionResult().add(result(state.index())));
            response.replicaElectionResults().add(out);
        }
    }

    private static void add(TopicPartitions topic, ElectLeadersResponseData response) {
        ReplicaElectionResult out = new ReplicaElectionResult().setTopic(topic.topic());
        topic.partitions().forEach(index -> out.partitionResult().add(result(index)));
        response.replicaElectionResults().add(out);
    }

    private static PartitionResult result(int index) {
        return new PartitionResult().setPartitionId(index).setErrorMessage(null);
    }

    private static void refuse(ElectLeadersResponseData response, boolean isAll) {
        if (isAll) {
            response.setErrorCode(ErrorCode.INVALID_REQUEST.code());
            response.replicaElectionResults().clear();
        }
        for (ReplicaElectionResult topic : response.replicaElectionResults()) {
            topic.partitionResult().forEach(partition -> partition
                    .setErrorCode(ErrorCode.INVALID_REQUEST.code())
                    .setErrorMessage(
                            "only replicas in sync are elected, ever: no other has all that was acknowledged"));
        }
    }

    /** As Kafka answers who asks for all partitions. */
    private static void leaveOutWhatNeededNone(ElectLeadersResponseData response) {
        List<ReplicaElectionResult> topics = new ArrayList<>(response.replicaElectionResults());
        topics.forEach(topic -> topic.partitionResult()
                .removeIf(partition -> partition.errorCode() == ErrorCode.ELECTION_NOT_NEEDED.code()));
        topics.removeIf(topic -> topic.partitionResult().isEmpty());
        response.setReplicaElectionResults(topics);
    }

    private static void elect(Request request, String topic, PartitionResult out, Join join) {
        join.begin();
        request.session()
                .services()
                .registries()
                .reassignments()
                .electPreferred(topic, out.partitionId(), request.session().onLane(new Reply<PartitionState>() {
                    @Override
                    public void complete(PartitionState state) {
                        join.end();
                    }

                    @Override
                    public void fail(ErrorCode error, String reason) {
                        out.setErrorCode(KafkaErrors.code(error)).setErrorMessage(reason);
                        join.end();
                    }
                }));
    }
}
