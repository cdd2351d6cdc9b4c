package io.millrace.broker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.lane.Lane;
import io.millrace.broker.lane.VirtualLane;
import io.millrace.broker.partition.OpenPartition;
import io.millrace.broker.peer.LocalBroker;
import io.millrace.broker.peer.PeerGate;
import io.millrace.broker.replication.ReplicaFetchApi;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.PeerHelloRequestData;
import io.millrace.protocol.message.ReplicaFetchRequestData;
import io.millrace.protocol.message.ReplicaFetchResponseData;
import io.millrace.protocol.wire.Frames;
import io.millrace.protocol.wire.RequestHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiMessage;
import org.junit.jupiter.api.Test;

/** What a leader sends to a follower: its partitions are on another lane, which turns when the test says so. */
@SuppressWarnings("NullAway") // the session asks nothing else of its services here
class ReplicaFetchTest {
    private static final short FETCH = new ReplicaFetchRequestData().apiKey();
    private static final long START_NS = -TimeUnit.HOURS.toNanos(5);
    private static final int EPOCH = 3;

    private final VirtualLane lane = new VirtualLane();
    private final OtherLane partitionLane = new OtherLane();
    private final Map<UUID, OpenPartition> partitions = new HashMap<>();
    private final RecordingConnection connection = new RecordingConnection();
    private long elapsedNs = START_NS;
    private final SessionServices services = new SessionServices(
            SessionConfig.of(BrokerConfig.of(Map.of()), "test"),
            null,
            new Registries(null, null, null, null, null, null, null, null),
            new PeerGate(new LocalBroker(1, "test", () -> 5, () -> "cluster", () -> "secret"), () -> Map.of(2, 7L)),
            new Complaints(),
            () -> 0);
    private final ApiTable apis = new ApiTable(List.of(
            new ServedApi(ApiKeys.PEER_HELLO, (short) 0, (short) 0, ServedApi.Access.ANYBODY, new PeerHelloApi()),
            new ServedApi(
                    FETCH,
                    (short) 0,
                    (short) 0,
                    ServedApi.Access.BROKERS_ONLY,
                    new ReplicaFetchApi(this::find, () -> elapsedNs))));
    private final ConnectionSession session = connect(connection);

    private ConnectionSession connect(RecordingConnection over) {
        ConnectionSession connected = new ConnectionSession(services, apis, over, lane, 1);
        send(
                connected,
                new PeerHelloRequestData()
                        .setClusterId("cluster")
                        .setBrokerId(2)
                        .setBrokerEpoch(7)
                        .setReceiverId(1)
                        .setSecret("secret"),
                1);
        over.takeAll();
        return connected;
    }

    @Test
    void asksNotMorePartitionsOfAnotherLaneAtOnceThanAnAnswerHolds() {
        // Given
        ReplicaFetchRequestData all = new ReplicaFetchRequestData();
        for (int i = 0; i < 200; i++) {
            all.partitions().add(position(lead(100)));
        }

        // When
        send(all, -1);
        partitionLane.turn(); // all know the follower, and are ready
        lane.turn();
        int asked = partitionLane.tasks.size();

        // Then
        assertThat(asked).isBetween(1, 64);
        assertThat(takeAllAfterTurns()).hasSize(200);
    }

    @Test
    void sendsLargePartsOneByOne() {
        // Given
        ReplicaFetchRequestData two = new ReplicaFetchRequestData();
        two.partitions().add(position(lead(700_000)));
        two.partitions().add(position(lead(700_000)));

        // When
        send(two, -1);
        turns();

        // Then
        List<ReplicaFetchResponseData> answers = takeAnswers();
        assertThat(answers.stream().mapToInt(answer -> answer.partitions().size()))
                .contains(1)
                .doesNotContain(2);
        assertThat(answers.stream()
                        .mapToInt(answer -> answer.partitions().size())
                        .sum())
                .isEqualTo(2);
    }

    @Test
    void givesNoLeaseForAnEchoThatIsOldThoughTheClockIsBelowZero() {
        // Given
        UUID topicId = lead(100);
        send(new ReplicaFetchRequestData().setPartitions(new ArrayList<>(List.of(position(topicId)))), -1);
        turns();
        long stamp = lastStamp();

        // When
        pass(5000);
        send(new ReplicaFetchRequestData().setStamp(stamp).setPartitions(List.of(caughtUp(topicId))), -1);
        tick(topicId);
        int before = partitions.get(topicId).proposed.size();
        pass(300);
        send(new ReplicaFetchRequestData().setStamp(lastStamp()), -1);
        tick(topicId);

        // Then only a new one lets it be in sync
        assertThat(before).isZero();
        assertThat(partitions.get(topicId).proposed).hasSize(1);
    }

    @Test
    void letsTheNewerConnectionBeginAnewWhenTheOlderOneWasLate() {
        // Given
        UUID topicId = lead(100);
        RecordingConnection newer = new RecordingConnection();
        ConnectionSession onNewer = connect(newer);
        send(onNewer, new ReplicaFetchRequestData().setPartitions(new ArrayList<>(List.of(position(topicId)))), -1);
        turns();
        newer.takeAll();

        // When
        send(new ReplicaFetchRequestData().setPartitions(new ArrayList<>(List.of(position(topicId)))), -1);
        turns();

        // Then
        List<Short> refusals = takeAnswers(newer).stream()
                .flatMap(answer -> answer.partitions().stream())
                .map(ReplicaFetchResponseData.Replica::errorCode)
                .toList();
        assertThat(refusals).containsExactly(ErrorCode.NOT_LEADER_OR_FOLLOWER.code());
    }

    @Test
    void wakesPartitionsOnceThatAreAtRestWhenTheFollowerAnswersNoMore() {
        // Given a follower in sync that has everything, and says so all the time
        UUID topicId = lead(100, List.of(1, 2));
        send(new ReplicaFetchRequestData().setPartitions(new ArrayList<>(List.of(position(topicId)))), -1);
        turns();
        send(
                new ReplicaFetchRequestData()
                        .setStamp(lastStamp())
                        .setPartitions(new ArrayList<>(List.of(caughtUp(topicId)))),
                -1);
        for (int i = 0; i < 10; i++) {
            turns();
            pass(300);
            send(new ReplicaFetchRequestData().setStamp(lastStamp()), -1);
        }
        turns();

        // When
        pass(900);
        int early = partitionLane.tasks.size();
        pass(11_000);
        int late = partitionLane.tasks.size();
        turns();

        // Then it is soon looked at, and who is silent for long is in sync no more
        assertThat(early).isZero();
        assertThat(late).isEqualTo(1);
        assertThat(partitions.get(topicId).proposed).singleElement().satisfies(wanted -> assertThat(wanted.members())
                .containsExactly(1));
    }

    /** A partition that is led here, with one message. */
    private UUID lead(int messageBytes) {
        return lead(messageBytes, List.of(1));
    }

    private UUID lead(int messageBytes, List<Integer> inSync) {
        UUID topicId = new UUID(1, partitions.size());
        OpenPartition opened = new OpenPartition(topicId, partitionLane);
        opened.elapsedMs = TimeUnit.NANOSECONDS.toMillis(elapsedNs);
        partitions.put(topicId, opened);
        opened.lead(EPOCH, 1, List.of(1, 2), inSync);
        opened.append(messageBytes);
        partitionLane.turn();
        return topicId;
    }

    private HostedPartition find(UUID topicId, int index) {
        return new HostedPartition(partitions.get(topicId).partition, partitionLane);
    }

    private static ReplicaFetchRequestData.Replica position(UUID topicId) {
        return new ReplicaFetchRequestData.Replica()
                .setTopicId(new Uuid(topicId.getMostSignificantBits(), topicId.getLeastSignificantBits()))
                .setLeaderEpoch(EPOCH)
                .setAnew(true)
                .setMessageEpoch(-1)
                .setDeliveryEpoch(-1);
    }

    private static ReplicaFetchRequestData.Replica caughtUp(UUID topicId) {
        return position(topicId)
                .setAnew(false)
                .setMessageEpoch(EPOCH)
                .setMessageEnd(1)
                .setMessageDisk(1)
                .setDeliveryEpoch(EPOCH)
                .setDeliveryEnd(10)
                .setDeliveryDisk(10);
    }

    private void pass(long ms) {
        for (long passed = 0; passed < ms; passed += 100) {
            elapsedNs += TimeUnit.MILLISECONDS.toNanos(100);
            lane.advance(100);
        }
        partitions.values().forEach(opened -> opened.elapsedMs = TimeUnit.NANOSECONDS.toMillis(elapsedNs));
    }

    private void tick(UUID topicId) {
        partitionLane.turn();
        partitions.get(topicId).partition.onTick(partitionLane.nowMs());
        turns();
    }

    private void turns() {
        for (int i = 0; i < 20; i++) {
            partitionLane.turn();
            lane.turn();
        }
    }

    private long lastStamp() {
        List<ReplicaFetchResponseData> answers = takeAnswers();
        return answers.get(answers.size() - 1).stamp();
    }

    /** All parts, where the follower echoes every answer. */
    private List<ReplicaFetchResponseData.Replica> takeAllAfterTurns() {
        List<ReplicaFetchResponseData.Replica> all = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            turns();
            for (ReplicaFetchResponseData answer : takeAnswers()) {
                all.addAll(answer.partitions());
                send(new ReplicaFetchRequestData().setStamp(answer.stamp()), -1);
            }
        }
        return all.stream().filter(part -> part.messages().batches() != null).toList();
    }

    private List<ReplicaFetchResponseData> takeAnswers() {
        return takeAnswers(connection);
    }

    private static List<ReplicaFetchResponseData> takeAnswers(RecordingConnection from) {
        ByteBuf written = from.takeAll();
        List<ReplicaFetchResponseData> answers = new ArrayList<>();
        while (written.isReadable()) {
            ReplicaFetchResponseData answer = new ReplicaFetchResponseData();
            Frames.readResponse((short) 0, written.readSlice(written.readInt()), answer);
            answers.add(answer);
        }
        return answers;
    }

    private void send(ApiMessage request, int correlationId) {
        send(session, request, correlationId);
    }

    private void send(ConnectionSession to, ApiMessage request, int correlationId) {
        RequestHeader header = new RequestHeader(request.apiKey(), (short) 0, correlationId, null);
        ByteBuf frame = Frames.request(UnpooledByteBufAllocator.DEFAULT, header, request);
        to.onFrame(frame.skipBytes(Frames.LENGTH_BYTES), lane.nowMs());
        lane.turn();
    }

    /** A lane that no other one is. */
    private static final class OtherLane implements Lane {
        private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
        private final ArrayDeque<Runnable> turnEnds = new ArrayDeque<>();
        private boolean isTurning;

        /** Runs what waits by now, and what follows from it in the lane. */
        void turn() {
            isTurning = true;
            while (!tasks.isEmpty() || !turnEnds.isEmpty()) {
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                    task.run();
                }
                for (Runnable task = turnEnds.poll(); task != null; task = turnEnds.poll()) {
                    task.run();
                }
            }
            isTurning = false;
        }

        @Override
        public void execute(Runnable task) {
            tasks.add(task);
        }

        @Override
        public boolean inLane() {
            return isTurning;
        }

        @Override
        public long nowMs() {
            return 1_000_000;
        }

        @Override
        public void schedule(long atMs, Runnable task) {}

        @Override
        public void endOfTurn(Runnable once) {
            turnEnds.add(once);
        }

        @Override
        public void afterTurn(Runnable once) {
            turnEnds.add(once);
        }
    }
}
