package io.millrace.broker.metadata;

import static io.millrace.broker.metadata.ClusterFixture.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.metadata.ClusterFixture.Member;
import io.millrace.protocol.DestinationName;
import io.millrace.protocol.ErrorCode;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

final class ClusterTest {
    private final ClusterFixture cluster = ClusterFixture.of(1, 2, 3);

    @Test
    void agreesOnOneControllerAndOnWhoLives() {
        for (int id : List.of(1, 2, 3)) {
            assertThat(cluster.broker(id).image().controllerId()).isEqualTo(1);
            assertThat(cluster.broker(id).image().brokers()).containsOnlyKeys(1, 2, 3);
        }
    }

    @Test
    void sharesOneSecret() {
        assertThat(cluster.broker(1).metadata.interBrokerSecret())
                .hasSizeGreaterThan(40)
                .isEqualTo(cluster.broker(3).metadata.interBrokerSecret());
    }

    @Test
    void spreadsReplicasAndLeadersOverTheLiving() {
        // When
        Destination created = cluster.create(2, 3, 2);
        // Then
        assertThat(created.partitions()).extracting(PartitionState::leaderId).containsExactlyInAnyOrder(1, 2, 3);
        assertThat(created.partitions()).allSatisfy(state -> {
            assertThat(state.isr()).isEqualTo(state.replicas()).hasSize(2).doesNotHaveDuplicates();
            assertThat(state.leaderEpoch()).isZero();
        });
    }

    @Test
    void showsWhatOneBrokerCreatedToAllAndOpensItWhereItIs() {
        // When
        Destination created = cluster.create(1, 1, 2);
        // Then
        PartitionState state = created.partitions().get(0);
        for (int id : List.of(1, 2, 3)) {
            assertThat(cluster.broker(id).image().find(ORDERS).partitions()).isEqualTo(created.partitions());
            assertThat(cluster.broker(id).disk()).hasSize(state.isOn(id) ? 1 : 0);
        }
        assertThat(cluster.broker(state.leaderId()).leads).containsValue(0);
    }

    @Test
    void createsOnceForFirstUsesThroughTwoBrokers() {
        // When
        BrokerFixture.Answer<Destination> first = new BrokerFixture.Answer<>();
        BrokerFixture.Answer<Destination> second = new BrokerFixture.Answer<>();
        cluster.broker(1).metadata.destinations().resolveOrCreate(NewDestination.byDefault(ORDERS), first);
        cluster.broker(2).metadata.destinations().resolveOrCreate(NewDestination.byDefault(ORDERS), second);
        cluster.run();
        // Then
        assertThat(first.get().topicId()).isEqualTo(second.get().topicId());
        assertThat(first.get().partitions().get(0).replicas()).hasSize(3);
    }

    @Test
    void refusesMoreReplicasThanBrokersAndMoreInSyncThanReplicas() {
        Member broker = cluster.broker(1);
        assertThat(broker.<Destination>refused(reply ->
                        broker.metadata.destinations().create(new NewDestination(ORDERS, 1, 4, Map.of()), reply)))
                .isEqualTo(ErrorCode.INVALID_REPLICATION_FACTOR);
        assertThat(broker.<Destination>refused(reply -> broker.metadata
                        .destinations()
                        .create(new NewDestination(ORDERS, 1, 2, Map.of("min.insync.replicas", "3")), reply)))
                .isEqualTo(ErrorCode.INVALID_CONFIG);
    }

    @Test
    void keepsChangesOfSettingsThroughDifferentBrokers() {
        // Given
        cluster.create(1, 1, 3);
        // When
        alter(1, "retention.ms", "5");
        alter(2, "retention.bytes", "7");
        // Then
        assertThat(cluster.broker(3).image().find(ORDERS).config().overrides())
                .containsExactly(Map.entry("retention.bytes", "7"), Map.entry("retention.ms", "5"));
    }

    @Test
    void electsAnInSyncReplicaWhenTheLeaderDies() {
        // Given
        cluster.create(1, 1, 3);
        int leader = cluster.seenBy(1).leaderId();
        int second = cluster.seenBy(1).replicas().get(1);
        int third = cluster.seenBy(1).replicas().get(2);
        cluster.broker(leader).changeInSync(0, List.of(leader, third), 0).get();
        // When
        cluster.kill(leader);
        // Then
        PartitionState state = cluster.seenBy(second);
        assertThat(state.leaderId()).isEqualTo(third);
        assertThat(state.leaderEpoch()).isEqualTo(1);
        assertThat(state.isr()).containsExactly(third);
        assertThat(cluster.broker(third).leads).containsValue(1);
    }

    @Test
    void leavesAPartitionWithoutLeaderRatherThanElectOneThatIsNotInSync() {
        // Given
        cluster.create(1, 1, 3);
        List<Integer> replicas = cluster.seenBy(1).replicas();
        cluster.broker(replicas.get(0))
                .changeInSync(0, List.of(replicas.get(0)), 0)
                .get();
        // When
        cluster.kill(replicas.get(0));
        // Then
        PartitionState state = cluster.seenBy(replicas.get(1));
        assertThat(state.leaderId()).isEqualTo(PartitionState.NO_LEADER);
        assertThat(state.isr()).containsExactly(replicas.get(0));
        // When
        cluster.start(replicas.get(0));
        // Then
        assertThat(cluster.seenBy(replicas.get(1)).leaderId()).isEqualTo(replicas.get(0));
        assertThat(cluster.seenBy(replicas.get(1)).leaderEpoch()).isEqualTo(2);
        assertThat(cluster.broker(replicas.get(0)).leads).containsValue(2);
    }

    @Test
    void doesNotElectTheLastInSyncReplicaWhenItComesBackWithAnEmptyDisk() {
        // Given
        cluster.create(1, 1, 3);
        int leader = cluster.seenBy(1).leaderId();
        int other = cluster.seenBy(1).replicas().get(1);
        cluster.broker(leader).changeInSync(0, List.of(leader), 0).get();
        // When
        cluster.kill(leader);
        cluster.wipe(leader);
        cluster.start(leader);
        // Then
        assertThat(cluster.seenBy(other).leaderId()).isEqualTo(PartitionState.NO_LEADER);
        assertThat(cluster.broker(leader).leads).containsValue(-1);
    }

    @Test
    void leadsInANewEpochAfterARestartThatNobodyNoticed() {
        // Given
        cluster.create(1, 1, 1);
        int leader = cluster.seenBy(1).leaderId();
        int other = leader == 3 ? 2 : 3;
        // When
        cluster.broker(leader).dead = true;
        cluster.start(leader);
        // Then
        assertThat(cluster.seenBy(other).leaderId()).isEqualTo(leader);
        assertThat(cluster.seenBy(other).leaderEpoch()).isEqualTo(1);
        assertThat(cluster.broker(leader).leads).containsValue(1);
    }

    @Test
    void survivesTwoDeathsAndARejoin() {
        // Given
        cluster.create(1, 1, 3);
        List<Integer> replicas = cluster.seenBy(1).replicas();
        int last = replicas.get(2);
        // When
        cluster.kill(replicas.get(0));
        cluster.kill(replicas.get(1));
        // Then
        assertThat(cluster.seenBy(last).leaderId()).isEqualTo(last);
        assertThat(cluster.seenBy(last).isr()).containsExactly(last);
        // When
        cluster.start(replicas.get(0));
        PartitionState state = cluster.seenBy(last);
        cluster.broker(last)
                .changeInSync(state.leaderEpoch(), List.of(last, replicas.get(0)), state.version())
                .get();
        cluster.kill(last);
        // Then
        assertThat(cluster.seenBy(replicas.get(0)).leaderId()).isEqualTo(replicas.get(0));
    }

    @Test
    void believesThatALeaderIsDeadBeforeTheStoreDoes() {
        // Given
        cluster.create(1, 1, 3);
        int leader = cluster.seenBy(1).leaderId();
        int other = cluster.seenBy(1).replicas().get(1);
        // When
        cluster.killUnnoticed(leader);
        // Then
        assertThat(cluster.seenBy(other).leaderId()).isEqualTo(other);
        assertThat(cluster.broker(other).image().controllerId()).isNotEqualTo(leader);
        assertThat(cluster.broker(other).leads).containsValue(1);
    }

    @Test
    void takesOverFromADeadControllerAtOnceAndItWritesNothingAnyMore() {
        // Given
        cluster.create(2, 1, 3);
        Member deposed = cluster.broker(1);
        assertThat(cluster.controller()).isEqualTo(1);
        PartitionState before = cluster.seenBy(2);
        // When
        cluster.broker(2).hearsOfDeath(1, deposed.metadata.brokerEpoch());
        // Then
        assertThat(cluster.broker(3).image().controllerId()).isEqualTo(2);
        PartitionState present = cluster.seenBy(2);
        PartitionChange stale = new PartitionChange(
                deposed.image().find(ORDERS).partitionId(0),
                before.withVersion(present.version()).led(1));
        assertThat(deposed.<Void>refused(
                        reply -> deposed.metadata.controllerOffice().change(List.of(stale), reply)))
                .isEqualTo(ErrorCode.NOT_CONTROLLER);
        assertThat(cluster.seenBy(3)).isEqualTo(present);
    }

    @Test
    void takesNobodyForDeadWhoLivesAgainWhenTheWordComes() {
        // Given
        cluster.create(1, 1, 3);
        long before = cluster.broker(2).metadata.brokerEpoch();
        cluster.kill(2);
        cluster.start(2);
        PartitionState state = cluster.seenBy(1);
        List<Integer> all = List.of(state.leaderId(), 2);
        PartitionState joined = cluster.broker(state.leaderId())
                .changeInSync(state.leaderEpoch(), all, state.version())
                .get();
        // When
        cluster.broker(1).hearsOfDeath(2, before);
        // Then
        assertThat(cluster.seenBy(1)).isEqualTo(joined);
    }

    @Test
    void takesABrokerForAliveAgainThatTheStoreKeeps() {
        // Given
        cluster.create(2, 1, 3);
        cluster.broker(1).hearsOfDeath(2, cluster.broker(2).metadata.brokerEpoch());
        PartitionState without = cluster.seenBy(3);
        assertThat(without.isr()).doesNotContain(2);
        // When
        cluster.pass(3L * MemoryMetadataStore.SESSION_MS);
        List<Integer> all = List.of(without.leaderId(), 2);
        cluster.broker(without.leaderId())
                .changeInSync(without.leaderEpoch(), all, without.version())
                .get();
        // Then
        assertThat(cluster.seenBy(3).isr()).contains(2);
    }

    @Test
    void refusesChangesOfInSyncReplicasThatComeTooLate() {
        // Given
        cluster.create(1, 1, 3);
        PartitionState state = cluster.seenBy(1);
        Member leader = cluster.broker(state.leaderId());
        int follower = state.replicas().get(1);
        PartitionState changed = leader.changeInSync(0, List.of(state.leaderId()), state.version())
                .get();
        // When, then
        assertThat(changed.version()).isEqualTo(state.version() + 1);
        assertThat(leader.changeInSync(0, state.isr(), state.version()).error())
                .isEqualTo(ErrorCode.INVALID_UPDATE_VERSION);
        assertThat(leader.changeInSync(7, state.isr(), changed.version()).error())
                .isEqualTo(ErrorCode.FENCED_LEADER_EPOCH);
        assertThat(leader.changeInSync(0, List.of(state.leaderId(), 9), changed.version())
                        .error())
                .isEqualTo(ErrorCode.INELIGIBLE_REPLICA);
        assertThat(leader.changeInSync(0, List.of(state.leaderId(), follower), changed.version())
                        .get()
                        .isr())
                .contains(follower);
    }

    /** The leader must go on waiting for a member that it may have made one: the answer must not say that it has not. */
    @Test
    void doesNotCallAChangeRefusedThatMayHaveBeenMadeBeforeAnotherOne() {
        // Given
        cluster.create(1, 1, 3);
        PartitionState state = cluster.seenBy(1);
        Member leader = cluster.broker(state.leaderId());
        String path = MetadataCodec.partitionPath(
                leader.image().find(ORDERS).partitionId(0).topicId(), 0);
        List<Integer> fewer = List.of(
                state.leaderId(),
                state.isr().stream()
                        .filter(id -> id != state.leaderId())
                        .findFirst()
                        .orElseThrow());
        // When it is done, another changes what it made, and it is made again
        leader.store.makeAgain(() -> {
            StoredValue made = leader.store.values().get(path);
            leader.store
                    .values()
                    .put(
                            path,
                            new StoredValue(
                                    path, made.text(), made.version() + 1, made.createdAt(), made.changedAt() + 1));
        });
        ErrorCode answer = leader.changeInSync(0, fewer, state.version()).error();
        // Then
        assertThat(answer).isEqualTo(ErrorCode.REQUEST_TIMED_OUT);
    }

    @Test
    void callsAChangeDoneThatIsFoundDoneWhenItIsMadeAgain() {
        // Given
        cluster.create(1, 1, 3);
        PartitionState state = cluster.seenBy(1);
        Member leader = cluster.broker(state.leaderId());
        List<Integer> alone = List.of(state.leaderId());
        // When
        leader.store.makeAgain(() -> {});
        PartitionState answer = leader.changeInSync(0, alone, state.version()).get();
        // Then
        assertThat(answer.isr()).isEqualTo(alone);
        assertThat(answer.version()).isEqualTo(state.version() + 1);
    }

    @Test
    void electsAnotherInSyncWhereALeaderResigns() {
        // Given
        cluster.create(1, 1, 3);
        PartitionState state = cluster.seenBy(1);
        int leader = state.leaderId();
        // When
        PartitionState resigned = cluster.broker(leader).resign(state.version()).get();
        // Then
        assertThat(resigned.leaderId()).isEqualTo(PartitionState.NO_LEADER);
        assertThat(cluster.seenBy(1).isr())
                .doesNotContain(leader)
                .hasSize(2)
                .contains(cluster.seenBy(1).leaderId());
        assertThat(cluster.seenBy(1).leaderEpoch()).isGreaterThan(state.leaderEpoch());
    }

    @Test
    void keepsTheLeaderWhereAFollowerResigns() {
        // Given
        cluster.create(1, 1, 3);
        PartitionState state = cluster.seenBy(1);
        int follower = state.replicas().get(1);
        // When
        cluster.broker(follower).resign(state.version()).get();
        // Then
        assertThat(cluster.seenBy(1).isr()).doesNotContain(follower).hasSize(2);
        assertThat(cluster.seenBy(1).leaderId()).isEqualTo(state.leaderId());
        assertThat(cluster.seenBy(1).leaderEpoch()).isEqualTo(state.leaderEpoch());
    }

    @Test
    void letsNobodyResignTooLateOrAsTheLastInSync() {
        // Given
        cluster.create(1, 1, 3);
        PartitionState state = cluster.seenBy(1);
        int leader = state.leaderId();
        Member last = cluster.broker(leader);
        PartitionState alone =
                last.changeInSync(0, List.of(leader), state.version()).get();
        // When, then
        assertThat(last.resign(state.version()).error()).isEqualTo(ErrorCode.INVALID_UPDATE_VERSION);
        assertThat(last.resign(alone.version()).error()).isEqualTo(ErrorCode.INELIGIBLE_REPLICA);
        assertThat(cluster.seenBy(1)).isEqualTo(alone);
    }

    @Test
    void takesNobodyForInSyncWhoCaughtUpInAnEarlierLife() {
        // Given
        cluster.create(1, 1, 3);
        PartitionState state = cluster.seenBy(1);
        Member leader = cluster.broker(state.leaderId());
        int follower = state.replicas().get(1);
        PartitionState alone = leader.changeInSync(0, List.of(state.leaderId()), state.version())
                .get();
        long before = leader.image().brokers().get(follower).epoch();
        // When
        cluster.kill(follower);
        cluster.wipe(follower);
        cluster.start(follower);
        BrokerFixture.Answer<PartitionState> answer = leader.asking(reply -> leader.metadata
                .inSyncSets()
                .change(
                        leader.image().find(ORDERS).partitionId(0),
                        0,
                        List.of(state.leaderId(), follower),
                        List.of(PartitionState.NO_EPOCH, before),
                        alone.version(),
                        reply));
        // Then
        assertThat(answer.error()).isEqualTo(ErrorCode.INELIGIBLE_REPLICA);
    }

    @Test
    void leadsNothingWhenItsSessionIsLostUntilItIsElectedAnew() {
        // Given
        cluster.create(1, 1, 1);
        int leader = cluster.seenBy(1).leaderId();
        Member broker = cluster.broker(leader);
        // When
        broker.store.expire(true);
        cluster.run();
        // Then
        assertThat(broker.leads.values()).containsExactly(1);
        assertThat(broker.image().brokers()).containsOnlyKeys(1, 2, 3);
        assertThat(broker.image().controllerId()).isPositive();
    }

    @Test
    void isCutOffFromWhenItsSessionIsLostUntilItIsRegisteredAgain() {
        // Given
        Member broker = cluster.broker(2);
        assertThat(broker.metadata.destinations().isCutOff()).isFalse();
        // When
        broker.store.full(true);
        broker.store.expire(true);
        cluster.run();
        // Then
        assertThat(broker.metadata.destinations().isCutOff()).isTrue();
        broker.store.full(false);
        cluster.pass(1000);
        assertThat(broker.metadata.destinations().isCutOff()).isFalse();
    }

    @Test
    void registersAgainWhenItsRegistrationIsGoneThoughItsSessionLives() {
        // Given
        long epoch = cluster.broker(1).image().brokers().get(3).epoch();
        // When
        cluster.store().vanish(MetadataCodec.brokerPath(3));
        cluster.run();
        // Then
        assertThat(cluster.broker(1).image().brokers()).containsOnlyKeys(1, 2, 3);
        assertThat(cluster.broker(1).image().brokers().get(3).epoch()).isGreaterThan(epoch);
    }

    @Test
    void readsAgainWhatItsWatchesMissed() {
        // Given
        Member blind = cluster.broker(3);
        blind.store.blind(true);
        cluster.create(1, 2, 2);
        assertThat(blind.image().find(ORDERS)).isNull();
        // When
        blind.store.blind(false);
        cluster.run();
        // Then
        assertThat(blind.image().find(ORDERS).partitions())
                .isEqualTo(cluster.broker(1).image().find(ORDERS).partitions());
        // When
        blind.store.blind(true);
        Member deleting = cluster.broker(1);
        deleting.<Void>ask(reply -> deleting.metadata.destinations().delete(ORDERS, reply));
        blind.store.blind(false);
        cluster.run();
        // Then
        assertThat(blind.image().find(ORDERS)).isNull();
        assertThat(blind.disk()).isEmpty();
    }

    @Test
    void deletesOnABrokerThatWasDown() {
        // Given
        cluster.create(1, 2, 3);
        cluster.kill(3);
        assertThat(cluster.store().values().keySet()).noneMatch(path -> path.startsWith(MetadataCodec.DELETING + "/"));
        Member deleting = cluster.broker(1);
        // When
        deleting.<Void>ask(reply -> deleting.metadata.destinations().delete(ORDERS, reply));
        // Then
        assertThat(cluster.broker(1).disk()).isEmpty();
        assertThat(cluster.broker(2).disk()).isEmpty();
        assertThat(cluster.store().values().keySet()).anyMatch(path -> path.startsWith(MetadataCodec.DELETING + "/"));
        // When
        Member back = cluster.start(3);
        // Then
        assertThat(back.disk()).isEmpty();
        assertThat(cluster.store().values().keySet()).noneMatch(path -> path.startsWith(MetadataCodec.DELETING + "/"));
    }

    @Test
    void movesLeadersAwayFromABrokerThatDrains() {
        // Given
        cluster.create(1, 6, 2);
        // When
        cluster.broker(2).<Void>ask(reply -> cluster.broker(2).metadata.drain(reply));
        // Then
        assertThat(cluster.broker(1).image().find(ORDERS).partitions()).allSatisfy(state -> {
            assertThat(state.leaderId()).isNotEqualTo(2);
            assertThat(state.isr()).doesNotContain(2).isNotEmpty();
        });
        assertThat(cluster.broker(2).leads.values()).containsOnly(-1);
    }

    @Test
    void drainsABrokerThatAloneHasWhatItLeads() {
        // Given
        cluster.create(1, 3, 1);
        // When
        cluster.broker(2).<Void>ask(reply -> cluster.broker(2).metadata.drain(reply));
        // Then
        assertThat(cluster.broker(1).image().find(ORDERS).partitions())
                .extracting(PartitionState::leaderId)
                .contains(2);
    }

    @Test
    void putsNothingNewOnABrokerThatDrains() {
        // Given
        cluster.broker(2).<Void>ask(reply -> cluster.broker(2).metadata.drain(reply));
        // When
        Destination created = cluster.create(1, 4, -1);
        // Then
        assertThat(created.partitions())
                .allSatisfy(state -> assertThat(state.replicas()).containsExactlyInAnyOrder(1, 3));
    }

    @Test
    void letsPreferredReplicasLeadWhenAsked() {
        // Given
        cluster.create(1, 1, 3);
        int preferred = cluster.seenBy(1).replicas().get(0);
        int other = cluster.seenBy(1).replicas().get(1);
        cluster.kill(preferred);
        cluster.start(preferred);
        PartitionState state = cluster.seenBy(other);
        cluster.broker(other)
                .changeInSync(state.leaderEpoch(), List.of(other, preferred), state.version())
                .get();
        assertThat(cluster.seenBy(other).leaderId()).isEqualTo(other);
        // When
        cluster.broker(other)
                .<Void>ask(
                        reply -> cluster.broker(other).metadata.destinations().electPreferredLeaders(reply));
        // Then
        assertThat(cluster.seenBy(other).leaderId()).isEqualTo(preferred);
        assertThat(cluster.store().values()).doesNotContainKey(MetadataCodec.PREFERRED_ELECTION);
    }

    @Test
    void tellsClientsOneAddressOfABrokerAndBrokersAnother() {
        BrokerAddress seen = cluster.broker(1).image().brokers().get(2);
        assertThat(seen.host() + ":" + seen.port()).isEqualTo("host2:9092");
        assertThat(seen.peerAddress()).hasToString("peer2:9093");
    }

    @Test
    void refusesASecondBrokerOfTheSameNumberWhileTheFirstLives() {
        // Given
        Member first = cluster.broker(2);
        cluster.wipe(2);
        // When
        Member second = cluster.new Member(2);
        second.<Void>ask(second.metadata::start);
        BrokerFixture.Answer<Void> answer =
                second.asking(reply -> second.metadata.register(new BrokerAddress(2, "elsewhere", 9092), reply));
        for (int i = 0; i < 60; i++) {
            second.metadata.onTick(i * 200L);
            cluster.run();
        }
        // Then
        assertThat(answer.error()).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(answer.message()).contains("broker id 2", "host2:9092");
        assertThat(first.image().brokers().get(2).host()).isEqualTo("host2");
    }

    @Test
    void followsSubscriptionsOfOtherBrokers() {
        // Given
        DestinationName prices = DestinationName.topic("prices");
        Destination topic = cluster.broker(1).ask(reply -> cluster.broker(1)
                .metadata
                .destinations()
                .create(new NewDestination(prices, 1, 3, Map.of()), reply));
        // When
        DurableSubscription opened = cluster.broker(1).ask(reply -> cluster.broker(1)
                .metadata
                .subscriptions()
                .open(BrokerFixture.client("app"), "s", topic.topicId(), null, false, reply));
        DurableSubscription found = cluster.broker(2).ask(reply -> cluster.broker(2)
                .metadata
                .subscriptions()
                .open(BrokerFixture.client("app"), "s", topic.topicId(), null, false, reply));
        // Then
        assertThat(found).isEqualTo(opened);
        // When
        cluster.broker(3).<Void>ask(reply -> cluster.broker(3)
                .metadata
                .subscriptions()
                .unsubscribe(BrokerFixture.client("app"), "s", reply));
        // Then
        assertThat(cluster.broker(1).metadata.subscriptions().ofTopic(topic.topicId()))
                .isEmpty();
    }

    @Test
    void letsOneConnectionAtATimeHaveAClientIdentifierWhereverItIs() {
        // Given
        UUID first = new UUID(1, 1);
        UUID other = new UUID(2, 2);
        ClientIdClaim claim = claim(1, first).get();
        ClientIdClaim second = claim(2, first).get();
        // When
        BrokerFixture.Answer<ClientIdClaim> refused = claim(3, other);
        cluster.pass(3000);
        // Then
        assertThat(refused.error()).isEqualTo(ErrorCode.INVALID_CLIENT_ID);
        // When
        cluster.broker(1).metadata.clientIds().release(claim);
        BrokerFixture.Answer<ClientIdClaim> late = claim(3, other);
        cluster.pass(400);
        assertThat(late.isOpen()).isTrue();
        cluster.broker(2).metadata.clientIds().release(second);
        cluster.pass(400);
        // Then
        assertThat(late.get().clientId()).isEqualTo("app");
        // When
        cluster.kill(3);
        // Then
        assertThat(claim(2, first).get().clientId()).isEqualTo("app");
    }

    @Test
    void givesBackAClientIdentifierThatWasClaimedThoughNobodyKnows() {
        // Given
        cluster.broker(1).store.loseAnswer();
        BrokerFixture.Answer<ClientIdClaim> unknown = claim(1, new UUID(1, 1));
        assertThat(unknown.error()).isEqualTo(ErrorCode.REQUEST_TIMED_OUT);
        // When
        cluster.pass(400);
        BrokerFixture.Answer<ClientIdClaim> other = claim(2, new UUID(2, 2));
        cluster.pass(3000);
        // Then
        assertThat(other.get().clientId()).isEqualTo("app");
    }

    @RepeatedTest(30)
    void claimsNothingAnewForAClientThatLeavesMeanwhile(RepetitionInfo step) {
        // Given a broker that is on its way into a new session
        ClientIdClaim claim = claim(1, new UUID(1, 1)).get();
        cluster.broker(1).store.expire(true);
        cluster.run(step.getCurrentRepetition());
        // When
        cluster.broker(1).metadata.clientIds().release(claim);
        cluster.run();
        BrokerFixture.Answer<ClientIdClaim> other = claim(2, new UUID(2, 2));
        cluster.pass(3000);
        // Then
        assertThat(other.get().clientId()).isEqualTo("app");
    }

    private BrokerFixture.Answer<ClientIdClaim> claim(int at, UUID connection) {
        ClientIds.Claimant claimant = new ClientIds.Claimant() {
            @Override
            public void takenOver() {}

            @Override
            public void catchUp(Runnable caughtUp) {
                caughtUp.run();
            }
        };
        return cluster.broker(at)
                .asking(reply -> cluster.broker(at).metadata.clientIds().claim("app", connection, claimant, reply));
    }

    private void alter(int through, String key, String value) {
        cluster.broker(through).<Void>ask(reply -> cluster.broker(through)
                .metadata
                .destinations()
                .alterConfigs(ORDERS, List.of(new ConfigChange(key, value)), false, reply));
    }
}
