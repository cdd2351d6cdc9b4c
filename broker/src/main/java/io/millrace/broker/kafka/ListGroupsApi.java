package io.millrace.broker.kafka;

import io.millrace.broker.group.GroupDescription;
import io.millrace.broker.group.GroupPartition;
import io.millrace.broker.partition.Reply;
import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.Join;
import io.millrace.broker.session.Request;
import io.millrace.protocol.ErrorCode;
import java.util.List;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.ListGroupsResponseData.ListedGroup;

/** Serves ListGroups: the groups that this broker coordinates, of all its partitions. */
final class ListGroupsApi implements ApiHandler {
    private static final String TYPE = "classic";

    private final Groups groups;

    ListGroupsApi(Groups groups) {
        this.groups = groups;
    }

    @Override
    public void onRequest(Request request, long nowMs) {
        ListGroupsRequestData message = (ListGroupsRequestData) request.message();
        ListGroupsResponseData response = new ListGroupsResponseData();
        Join join = new Join(() -> request.answer(response));
        for (GroupPartition partition : groups.all()) {
            join.begin();
            Reply<List<GroupDescription>> reply = request.session().onLane(new Reply<List<GroupDescription>>() {
                @Override
                public void complete(List<GroupDescription> listed) {
                    listed.stream()
                            .filter(group -> isWanted(
                                            message.statesFilter(),
                                            group.state().word())
                                    && isWanted(message.typesFilter(), TYPE))
                            .forEach(group -> response.groups().add(described(group)));
                    join.end();
                }

                @Override
                public void fail(ErrorCode error, String reason) {
                    if (error != ErrorCode.NOT_COORDINATOR) { // another broker lists them
                        response.setErrorCode(KafkaErrors.code(error));
                    }
                    join.end();
                }
            });
            partition.call(reply, (coordinator, callMs) -> reply.complete(coordinator.onListGroups()));
        }
        join.allBegun();
    }

    private static boolean isWanted(List<String> filter, String word) {
        return filter.isEmpty() || filter.stream().anyMatch(word::equalsIgnoreCase);
    }

    private static ListedGroup described(GroupDescription group) {
        return new ListedGroup()
                .setGroupId(group.groupId())
                .setProtocolType(group.protocolType())
                .setGroupState(group.state().word())
                .setGroupType(TYPE);
    }
}
