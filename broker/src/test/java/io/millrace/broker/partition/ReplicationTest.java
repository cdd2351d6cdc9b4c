package io.millrace.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.config.Durability;
import io.millrace.broker.delivery.SubscriptionKey;
import io.millrace.broker.log.LogConfig;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.SettlementKind;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Directed scenarios of a partition with three replicas; {@link RandomRunTest} has the random ones. */
final class ReplicationTest {
    private final PartitionFixture cluster = PartitionFixture.of(PartitionConfig.ofQueue(), 3);

    @Test
    void answersADurableSendWhenAllInSyncHaveItOnDisk() {
        // Given
        cluster.cut(cluster.nodes.get(2));
        Answer<AppendResult> answer = cluster.send("a");
        flushTimes(5);
        boolean before = answer.isAnswered();
        // When
        cluster.heal(cluster.nodes.get(2));
        flushTimes(5);
        // Then
        assertThat(before).isFalse();
        assertThat(answer.isSuccess()).isTrue();
        assertThat(cluster.nodes).allMatch(node -> node.storage.messages().logEndOffset() == 1);
    }

    @Test
    void keepsWhatWasAcknowledgedBehindAGapWhileItMayBeElected() {
        // Given
        Node returned = losePowerEverywhereAndReturnWithAGap();
        // When it hears of the leader of before, and then that it is to lead, as the first that is back
        returned.partition.onFollow(cluster.leaderEpoch, true, cluster.nowMs);
        returned.turn();
        cluster.elect(returned.id);
        cluster.settleDown();
        // Then
        assertThat(texts()).containsExactly("a", "b");
    }

    /** Other replicas may still have what a leader has lost: they must know that it was passed over before what is behind it is seen. */
    @Test
    void deliversWhatLiesBehindAGapOnlyWhenAllKnowThatTheGapWasPassedOver() {
        // Given
        Node returned = losePowerEverywhereAndReturnWithAGap();
        cluster.nodes.get(1).open();
        cluster.nodes.get(2).open();
        cluster.elect(returned.id);
        cluster.settleDown();
        cluster.advance(2000);
        TestConsumer consumer = cluster.consumer(1);
        cluster.settleDown();
        // When nothing comes through to the others for a moment
        cluster.nodes.get(1).cut = true;
        cluster.nodes.get(2).cut = true;
        consumer.creditNow(10);
        for (int i = 0; i < 5; i++) {
            cluster.leader().flush();
        }
        List<String> before = List.copyOf(consumer.texts());
        cluster.settleDown();
        // Then
        assertThat(before).containsExactly("a");
        assertThat(consumer.texts()).containsExactly("a", "b");
        assertThat(cluster.stopped).isNull();
    }

    /** The same where the gap was in a consumer's hands before: its messages go out again, and it is passed over as a whole. */
    @Test
    void deliversAgainWhatLiesBehindAGapOnlyWhenAllKnowThatTheGapWasPassedOver() {
        // Given
        Node led = cluster.leader();
        TestConsumer first = cluster.consumer(10);
        cluster.send("a");
        cluster.append(Messages.of("lost1", "lost2"), false);
        cluster.append(Messages.of("lost3"), false);
        cluster.send("b");
        cluster.settleDown();
        cluster.advance(2000);
        losePowerEverywhere();
        cluster.nodes.forEach(Node::open);
        cluster.elect(led.id);
        cluster.settleDown();
        cluster.advance(4000);
        TestConsumer before = cluster.consumer(10);
        // When
        for (int i = 0; i < 100 && before.received.size() < 2; i++) {
            cluster.turn();
            cluster.nodes.forEach(Node::flush);
        }
        cluster.elect(1);
        cluster.settleDown();
        cluster.advance(4000);
        TestConsumer after = cluster.consumer(10);
        cluster.advance(4000);
        // Then
        assertThat(first.texts()).containsExactly("a", "lost1", "lost2", "lost3", "b");
        assertThat(before.texts()).containsExactly("a", "b");
        assertThat(after.texts()).containsExactly("a", "b");
        assertThat(cluster.stopped).isNull();
    }

    private void losePowerEverywhere() {
        for (Node node : cluster.nodes) {
            node.kill();
            node.disk.crash(powerThatTakesAll());
        }
    }

    @Test
    void cutsAGapWhenItIsInSyncNoMore() {
        // Given
        Node returned = losePowerEverywhereAndReturnWithAGap();
        returned.partition.onFollow(cluster.leaderEpoch, true, cluster.nowMs);
        ReplicaPosition before = returned.partition.takeReplicaPosition();
        // When
        returned.partition.onLeftInSync();
        returned.turn();
        returned.flush();
        ReplicaPosition after = returned.partition.takeReplicaPosition();
        // Then
        assertThat(before).isNull();
        assertThat(after).isNotNull().satisfies(position -> assertThat(
                        position.messages().endOffset())
                .isEqualTo(1));
    }

    /** Who led once lacks the message that nobody asked to be on disk; behind it is one that was acknowledged. */
    private Node losePowerEverywhereAndReturnWithAGap() {
        Node led = cluster.leader();
        cluster.send("a");
        cluster.append(Messages.of("lost"), false);
        Answer<AppendResult> acknowledged = cluster.send("b");
        cluster.settleDown();
        cluster.elect(1);
        cluster.settleDown();
        losePowerEverywhere();
        led.open();
        assertThat(acknowledged.isSuccess()).isTrue();
        assertThat(led.storage.messages().firstGap()).isEqualTo(1);
        return led;
    }

    /** Of what was not synced nothing survives. */
    private static Random powerThatTakesAll() {
        return new Random() {
            @Override
            public int nextInt(int bound) {
                return 0;
            }

            @Override
            public boolean nextBoolean() {
                return false;
            }
        };
    }

    @Test
    void goesOnWithoutAFollowerThatFallsBehind() {
        // Given
        cluster.cut(cluster.nodes.get(2));
        Answer<AppendResult> answer = cluster.send("a");
        flushTimes(5);
        // When
        passWithoutMending(PartitionConfig.DEFAULT_MAX_LAG_MS + 1000);
        // Then
        assertThat(answer.isSuccess()).isTrue();
        assertThat(cluster.inSync()).containsExactly(0, 1);
    }

    @Test
    void takesAFollowerBackThatHasCaughtUp() {
        // Given
        cluster.cut(cluster.nodes.get(2));
        cluster.send("a");
        passWithoutMending(PartitionConfig.DEFAULT_MAX_LAG_MS + 1000);
        // When
        cluster.heal(cluster.nodes.get(2));
        cluster.advance(1000);
        // Then
        assertThat(cluster.inSync()).containsExactly(0, 1, 2);
    }

    @Test
    void refusesDurableSendsWithFewerInSyncThanAsked() {
        // Given
        cluster.config = PartitionFixture.queueWith(Durability.DISK, 3);
        cluster.nodes.forEach(node -> node.partition.onConfig(cluster.config, cluster.nowMs));
        cluster.cut(cluster.nodes.get(2));
        Answer<AppendResult> underWay = cluster.send("a");
        passWithoutMending(PartitionConfig.DEFAULT_MAX_LAG_MS + 1000);
        // When
        Answer<AppendResult> refused = cluster.send("b");
        // Then
        assertThat(underWay.error()).isEqualTo(ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND);
        assertThat(refused.error()).isEqualTo(ErrorCode.NOT_ENOUGH_REPLICAS);
        assertThat(cluster.messages().logEndOffset()).isEqualTo(1);
    }

    @Test
    void aNewLeaderKeepsWhatWasAnsweredAndCutsWhatWasNot() {
        // Given
        cluster.sendMany(3);
        cluster.cut(cluster.nodes.get(1));
        cluster.cut(cluster.nodes.get(2));
        Answer<AppendResult> lost = cluster.send("lost");
        flushTimes(3);
        Node old = cluster.leader();
        // When the leader is replaced while it lives on
        cluster.elect(1);
        cluster.send("kept");
        cluster.settleDown();
        // Then
        assertThat(lost.isSuccess()).isFalse();
        assertThat(old.storage.messages().logEndOffset()).isEqualTo(4);
        assertThat(texts()).containsExactly("m0", "m1", "m2", "kept");
    }

    @Test
    void aDeposedLeaderDeliversNothingOnceItsLeaseIsOver() {
        // Given
        TestConsumer consumer = cluster.consumer(100);
        cluster.sendMany(3);
        cluster.advance(2000);
        int before = consumer.received.size();
        Node old = cluster.leader();
        old.partition.onReplicaLost(1, cluster.nodes.get(1));
        old.partition.onReplicaLost(2, cluster.nodes.get(2));
        // When what is committed already becomes deliverable, by credit, after the lease
        consumer.release(0, 0);
        cluster.nowMs += ReplicaLease.DURATION_MS;
        for (int i = 0; i < 5; i++) {
            old.turn();
            old.flush();
            old.tick();
        }
        // Then
        assertThat(before).isEqualTo(3);
        assertThat(consumer.received).hasSize(3);
    }

    @Test
    void aNewLeaderDeliversOnlyWhenTheLeaseBeforeIsOver() {
        // Given
        cluster.sendMany(1);
        cluster.elect(1);
        TestConsumer consumer = new TestConsumer(cluster.connect(), 1, SubscriptionKey.QUEUE);
        consumer.client.consumers.put(1, consumer);
        consumer.attach(10);
        cluster.settleDown();
        cluster.advance(ReplicaLease.DURATION_MS);
        int before = consumer.received.size();
        // When
        cluster.advance(200);
        // Then
        assertThat(before).isZero();
        assertThat(consumer.texts()).containsExactly("m0");
    }

    @Test
    void aLeaderThatFollowsItselfNeedNotWaitForALease() {
        // Given
        cluster.sendMany(1);
        cluster.advance(2000);
        // When the replicas change, and with them the epoch
        cluster.elect(0);
        TestConsumer consumer = new TestConsumer(cluster.connect(), 1, SubscriptionKey.QUEUE);
        consumer.client.consumers.put(1, consumer);
        consumer.attach(10);
        cluster.settleDown();
        // Then
        assertThat(consumer.texts()).containsExactly("m0");
    }

    @Test
    void theOnlyReplicaOfAPartitionThatWasMovedWaitsForTheLeaseBefore() {
        // Given
        PartitionFixture alone = PartitionFixture.of(PartitionConfig.ofQueue(), 1);
        alone.sendMany(1);
        int epoch = alone.leaderEpoch + 2; // another has led meanwhile
        alone.partition().onLeader(new Leadership(epoch, 0, List.of(0), new InSync(List.of(0), 9), true), alone.nowMs);
        TestConsumer consumer = new TestConsumer(alone.connect(), 1, SubscriptionKey.QUEUE);
        consumer.client.consumers.put(1, consumer);
        consumer.attach(10);
        alone.settleDown();
        alone.advance(ReplicaLease.DURATION_MS);
        int before = consumer.received.size();
        // When
        alone.advance(200);
        // Then
        assertThat(before).isZero();
        assertThat(consumer.texts()).containsExactly("m0");
    }

    @Test
    void theThrottleHoldsBackWhoIsNotInSyncAndNobodyElse() {
        // Given 2 MB that follower 2 lacks, and 200 kB a second
        Node late = cluster.nodes.get(2);
        cluster.cut(late);
        for (int i = 0; i < 20; i++) {
            cluster.send("m".repeat(100_000));
            flushTimes(3);
        }
        passWithoutMending(PartitionConfig.DEFAULT_MAX_LAG_MS + 1000);
        long lacked = late.storage.messages().logEndOffset();
        cluster.leader().catchUpThrottle.rate(200_000);
        // When
        cluster.heal(late);
        passWithoutMending(4000);
        long afterFour = late.storage.messages().logEndOffset() - lacked;
        Answer<AppendResult> sent = cluster.send("in between");
        flushTimes(3);
        passWithoutMending(8000);
        flushTimes(5);
        passWithoutMending(2000);
        // Then about ten messages in four seconds, all after ten; and sends were not held back
        assertThat(afterFour).isBetween(5L, 12L);
        assertThat(sent.isSuccess()).isTrue();
        assertThat(late.storage.messages().logEndOffset()).isEqualTo(21);
        assertThat(cluster.inSync()).containsExactly(0, 1, 2);
        // And in sync it gets everything at once
        Answer<AppendResult> large = cluster.send("m".repeat(900_000));
        flushTimes(5);
        assertThat(large.isSuccess()).isTrue();
        assertThat(late.storage.messages().logEndOffset()).isEqualTo(22);
    }

    @Test
    void deliversNothingAgainThatWasSettledAtAnEarlierLeader() {
        // Given
        TestConsumer consumer = cluster.consumer(100);
        cluster.sendMany(5);
        cluster.advance(2000);
        consumer.accept(0, 2);
        cluster.settleDown();
        // When
        cluster.kill();
        cluster.advance(5000);
        TestConsumer next = cluster.consumer(100);
        cluster.advance(5000);
        // Then
        assertThat(next.texts()).containsExactlyInAnyOrder("m3", "m4");
    }

    @Test
    void aFollowerThatLostItsDiskIsNotInSyncUntilItHasCaughtUp() {
        // Given
        cluster.sendMany(50);
        Node wiped = cluster.nodes.get(2);
        wiped.kill();
        cluster.leader().partition.onReplicaLost(2, wiped);
        wiped.loseDisk();
        // When it comes back before anybody took it out of the in-sync set
        cluster.start(wiped);
        wiped.partition.onFollow(cluster.leaderEpoch, false, cluster.nowMs);
        cluster.flush();
        pass(1000);
        List<Integer> atFirst = cluster.inSync();
        cluster.settleDown();
        cluster.advance(1000);
        // Then
        assertThat(atFirst).containsExactly(0, 1);
        assertThat(wiped.storage.messages().logEndOffset()).isEqualTo(50);
        assertThat(cluster.inSync()).containsExactly(0, 1, 2);
    }

    @Test
    void aReplicaBehindTheDeliveryLogsStartGetsItsStateFromAStateRecord() {
        // Given
        Node late = cluster.nodes.get(2);
        TestConsumer consumer = cluster.consumer(1000);
        cluster.sendMany(20);
        cluster.advance(2000);
        consumer.accept(0, 9);
        cluster.settleDown();
        cluster.cut(late);
        late.kill();
        late.loseDisk();
        cluster.leader().storage.deliveries().configure(new LogConfig(1, 1000, 1, -1, 0, 1000, true));
        consumer.accept(10, 10);
        pass(60_000);
        // When
        cluster.settleDown();
        cluster.advance(1000);
        cluster.elect(2);
        cluster.advance(5000);
        // Then
        assertThat(cluster.deliveries().logStartOffset()).isPositive();
        assertThat(cluster.describe(SubscriptionKey.QUEUE).floor()).isEqualTo(11);
    }

    @Test
    void goesOnWhenABrokerLeavesThatWasRefusedAsAMember() {
        // Given a broker that is drained: out of the in-sync set, still connected and caught up
        Node leaves = cluster.nodes.get(2);
        cluster.draining.add(2);
        cluster.remove(leaves);
        cluster.advance(5000);
        cluster.cut(leaves);
        leaves.kill();
        // When
        Answer<AppendResult> answer = cluster.send("a");
        pass(1000);
        // Then
        assertThat(answer.isSuccess()).isTrue();
        assertThat(cluster.inSync()).containsExactly(0, 1);
    }

    @Test
    void waitsForWhoMayHaveBecomeAMemberThoughItAskedForAnotherSetSince() {
        // Given: follower 2 is out, and it is unknown whether it was taken back
        cluster.remove(cluster.nodes.get(2));
        cluster.loseProposals = true;
        pass(1000);
        cluster.cut(cluster.nodes.get(2));
        // When the leader asks for a set without follower 1 meanwhile
        cluster.cut(cluster.nodes.get(1));
        passWithoutMending(PartitionConfig.DEFAULT_MAX_LAG_MS + 2000);
        Answer<AppendResult> answer = cluster.send("a");
        cluster.heal(cluster.nodes.get(1));
        flushTimes(10);
        // Then
        assertThat(answer.isAnswered()).isFalse();
    }

    @Test
    void waitsForWhoItHasAskedToBeAMemberFromThatMomentOn() {
        // Given: the leader is alone in sync, has asked for the others, and hears no more of them
        Node one = cluster.nodes.get(1);
        Node two = cluster.nodes.get(2);
        cluster.remove(one);
        cluster.remove(two);
        cluster.keepProposals = true;
        for (int i = 0; i < 10 && cluster.kept.isEmpty(); i++) {
            cluster.nowMs += 100;
            cluster.flush();
            cluster.leader().tick();
        }
        cluster.cut(one);
        cluster.cut(two);
        // When
        Answer<AppendResult> answer = cluster.send("a");
        flushTimes(5);
        // Then
        assertThat(cluster.kept).containsExactly(List.of(0, 1, 2));
        assertThat(answer.isAnswered()).isFalse();
    }

    @Test
    void takesNobodyForInSyncWhoLacksWhatALeaderBeforeMayHaveAnswered() {
        // Given: 1 and the leader have answered for messages of which 1 does not know yet that they are committed
        Node late = cluster.nodes.get(2);
        cluster.cut(late);
        cluster.remove(late);
        cluster.send("a");
        flushTimes(3);
        cluster.cut(cluster.leader());
        // When 1 leads, and the late one connects with the same end as what 1 knows to be committed
        cluster.elect(1);
        cluster.cut(cluster.nodes.get(0));
        cluster.nodes.get(0).kill();
        late.cut = false;
        cluster.deafen(late);
        pass(2000);
        // Then
        assertThat(cluster.inSync()).doesNotContain(2);
    }

    @Test
    void followersDropWhatTheirLeaderHasDropped() {
        // Given
        cluster.sendMany(10);
        TestConsumer consumer = cluster.consumer(100);
        cluster.advance(2000);
        consumer.accept(0, 9);
        cluster.advance(5000);
        // When
        cluster.leader().partition.onDeleteBefore(10);
        cluster.advance(5000);
        // Then
        assertThat(cluster.nodes).allMatch(node -> node.storage.messages().logStartOffset() == 10);
    }

    @Test
    void aNewLeaderServesWhenASubscriptionIsFoldedThatWasOpenedBeforeIt() {
        // Given a topic whose first subscription was committed at the old leader only
        PartitionFixture topic = PartitionFixture.of(PartitionConfig.ofTopic(), 3);
        SubscriptionKey key = SubscriptionKey.durable("c", "s");
        Answer<Void> opened = topic.open(key, 1);
        for (int i = 0; i < 4; i++) {
            topic.flush();
        }
        // When
        topic.leader().kill();
        topic.elect(1);
        Answer<Void> again = topic.open(key, 1);
        topic.send("m0");
        topic.advance(5000);
        topic.open(key, 1);
        topic.settleDown();
        // Then
        assertThat(opened.isSuccess()).isTrue();
        assertThat(again.isSuccess()).isTrue();
        assertThat(topic.describe(key).waiting()).isEqualTo(1);
    }

    @Test
    void aFollowerWhoseDiskWasFullGoesOnWhenThereIsRoom() {
        // Given
        Node small = cluster.nodes.get(2);
        cluster.sendMany(1);
        small.disk.capacity(small.disk.usedBytes());
        for (int i = 0; i < 20; i++) {
            cluster.send("x".repeat(1000));
        }
        flushTimes(20);
        // When
        small.disk.capacity(Long.MAX_VALUE);
        cluster.advance(5000);
        // Then
        assertThat(cluster.stopped).isNull();
        assertThat(small.storage.messages().logEndOffset()).isEqualTo(21);
    }

    @Test
    void aFollowerThatDiedJustAfterItWasCutMixesNoEpochs() {
        // Given
        cluster.sendMany(3);
        cluster.cut(cluster.nodes.get(1));
        cluster.cut(cluster.nodes.get(2));
        Node old = cluster.leader();
        for (int i = 0; i < 3; i++) {
            cluster.send("lost" + i);
            old.flush();
        }
        cluster.elect(1);
        cluster.heal(cluster.nodes.get(2));
        cluster.send("kept");
        // When
        for (int i = 0; i < 20 && old.storage.messages().leaderEpochs().latestEpoch() == 0; i++) {
            cluster.turn();
            cluster.nodes.get(1).flush();
            cluster.nodes.get(2).flush();
        }
        old.kill();
        cluster.leader().partition.onReplicaLost(0, old);
        cluster.settleDown();
        cluster.advance(2000);
        // Then
        assertThat(cluster.inSync()).containsExactly(0, 1, 2);
        assertThat(cluster.differences()).isEmpty();
        assertThat(texts()).containsExactly("m0", "m1", "m2", "kept");
    }

    @Test
    void tellsNoPositionBeforeItsCutIsOnDiskThoughItFollowsAnotherByThen() {
        // Given a deposed leader that was cut, and has not flushed that
        cluster.sendMany(3);
        cluster.cut(cluster.nodes.get(1));
        cluster.cut(cluster.nodes.get(2));
        Node old = cluster.leader();
        cluster.send("lost");
        old.flush();
        cluster.elect(1);
        cluster.heal(cluster.nodes.get(2));
        for (int i = 0; i < 20 && old.storage.messages().logEndOffset() > 3; i++) {
            cluster.turn();
        }
        long cutAt = old.storage.messages().logEndOffset();
        // When
        old.partition.onFollow(cluster.leaderEpoch + 1, false, cluster.nowMs);
        ReplicaPosition before = old.partition.takeReplicaPosition();
        old.flush();
        ReplicaPosition after = old.partition.takeReplicaPosition();
        // Then
        assertThat(cutAt).isEqualTo(3);
        assertThat(before).isNull();
        assertThat(after).isNotNull();
    }

    @Test
    void aFollowerFetchesWhatItLostBetweenWhatIsOnItsDisk() {
        // Given
        cluster.sendMany(3);
        for (int i = 3; i < 6; i++) {
            cluster.sendNonPersistent("n" + i);
        }
        cluster.send("m6");
        cluster.settleDown();
        Node old = cluster.leader();
        // When the power took the messages that are not in the journal
        old.kill();
        old.disk.files().stream()
                .filter(name -> name.endsWith(".log") && !name.contains("deliveries"))
                .forEach(name -> old.disk.overwrite(name, new byte[0]));
        cluster.kill();
        cluster.advance(2000);
        // Then
        assertThat(cluster.leader()).isNotSameAs(old);
        assertThat(cluster.inSync()).containsExactly(0, 1, 2);
        assertThat(cluster.differences()).isEmpty();
        cluster.elect(0);
        assertThat(texts()).containsExactly("m0", "m1", "m2", "n3", "n4", "n5", "m6");
    }

    @Test
    void theLastReplicaInSyncKeepsWhatLiesBehindAGap() {
        // Given
        PartitionFixture alone = PartitionFixture.queue();
        alone.sendMany(3);
        alone.sendNonPersistent("n3");
        alone.send("m4");
        alone.settleDown();
        // When
        alone.leader().kill();
        alone.disk.files().stream()
                .filter(name -> name.endsWith(".log") && !name.contains("deliveries"))
                .forEach(name -> alone.disk.overwrite(name, new byte[0]));
        alone.kill();
        TestConsumer reader = alone.consumer(100);
        alone.advance(5000);
        // Then
        assertThat(reader.texts()).containsExactly("m0", "m1", "m2", "m4");
        assertThat(alone.messages().firstGap()).isEqualTo(-1);
    }

    private List<String> texts() {
        TestConsumer reader = cluster.consumer(100);
        cluster.advance(5000);
        return reader.texts();
    }

    private void flushTimes(int times) {
        for (int i = 0; i < times; i++) {
            cluster.flush();
        }
    }

    /** Lets time pass at the leader and follower 1, though follower 2 is down. */
    private void pass(long ms) {
        long until = cluster.nowMs + ms;
        while (cluster.nowMs < until) {
            cluster.nowMs += 100;
            cluster.flush();
            cluster.leader().tick();
            cluster.nodes.get(1).tick();
        }
    }

    private void passWithoutMending(long ms) {
        long until = cluster.nowMs + ms;
        while (cluster.nowMs < until) {
            cluster.nowMs += 100;
            cluster.flush();
            cluster.nodes.forEach(Node::tick);
        }
        flushTimes(5);
    }

    /** All at once, and the cluster comes back with what the disks have. */
    @Test
    void survivesTheLossOfPowerOfAllBrokers() {
        // Given
        cluster.sendMany(10);
        // When
        cluster.nodes.forEach(node -> {
            node.kill();
            node.disk.crash(new Random(7));
        });
        cluster.elect();
        cluster.settleDown();
        // Then
        assertThat(texts()).hasSize(10);
    }

    @Test
    void sendsASettlementThatNobodyWaitsForWithTheNextMessage() {
        // Given
        TestConsumer consumer = cluster.consumer(100);
        cluster.sendMany(3);
        cluster.advance(2000);
        long before = followerDeliveryEnd();
        // When
        consumer.client.settle(false, consumer.settlement(SettlementKind.ACCEPT, 0, 0));
        flushTimes(5);
        long alone = followerDeliveryEnd();
        cluster.send("next");
        flushTimes(5);
        // Then
        assertThat(alone).isEqualTo(before);
        assertThat(followerDeliveryEnd()).isEqualTo(before + 1);
    }

    @Test
    void sendsASettlementThatNobodyWaitsForAloneWhenNoMessageComes() {
        // Given
        TestConsumer consumer = cluster.consumer(100);
        cluster.sendMany(3);
        cluster.advance(2000);
        // When
        Answer<Void> answer = consumer.client.settle(false, consumer.settlement(SettlementKind.ACCEPT, 0, 0));
        flushTimes(1);
        cluster.advance(20);
        // Then
        assertThat(answer.isSuccess()).isTrue();
    }

    @Test
    void tellsALeaderOncePerFlushWhatIsOnDisk() {
        // Given
        Node follower = cluster.nodes.get(1);
        cluster.sendMany(1);
        cluster.advance(2000);
        // When
        follower.told = 0;
        cluster.send("a");
        flushTimes(5);
        // Then
        assertThat(follower.told).isEqualTo(1);
    }

    /** What a thousand idle partitions cost is their timers. */
    @Test
    void wakesUpRarelyWhenNothingHappens() {
        // Given
        cluster.sendMany(1);
        cluster.advance(300_000);
        // When
        cluster.nodes.forEach(node -> node.ticks = 0);
        cluster.advance(3_600_000);
        // Then
        assertThat(cluster.nodes).allSatisfy(node -> assertThat(node.ticks).isBetween(29, 31));
    }

    @Test
    void takesNobodyForALaggardWhoHadAllUntilNowThoughNobodyLookedForLong() {
        // Given
        restForAnHour();
        // When somebody looks between the first message since long and the followers' answers, one of which is never to
        // come
        cluster.send("a");
        cluster.partition().onTick(cluster.nowMs);
        List<Integer> before = List.copyOf(cluster.inSync());
        cluster.cut(cluster.nodes.get(1));
        cluster.partition().onTick(cluster.nowMs);
        // Then
        assertThat(before).containsExactly(0, 1, 2);
        assertThat(cluster.inSync()).containsExactly(0, 1, 2);
    }

    @Test
    void takesNobodyForALaggardWhoseConnectionIsLostAfterALongRest() {
        // Given
        restForAnHour();
        // When
        cluster.cut(cluster.nodes.get(1));
        cluster.send("a");
        passWithoutMending(PartitionConfig.DEFAULT_MAX_LAG_MS / 2);
        // Then
        assertThat(cluster.inSync()).containsExactly(0, 1, 2);
    }

    @Test
    void takesAFollowerOutThatIsLostWhileNothingHappens() {
        // Given
        cluster.sendMany(1);
        cluster.advance(3_600_000);
        // When
        cluster.cut(cluster.nodes.get(1));
        passWithoutMending(2 * PartitionConfig.DEFAULT_MAX_LAG_MS);
        // Then
        assertThat(cluster.inSync()).containsExactly(0, 2);
    }

    @Test
    void isMaintainedSoonWhenItIsUsedOrConfiguredAfterALongRest() {
        // Given
        cluster.sendMany(1);
        cluster.advance(3_600_500);
        cluster.nodes.forEach(node -> node.ticks = 0);
        // When
        cluster.sendMany(1);
        cluster.advance(10_000);
        int whenUsed = cluster.nodes.get(1).ticks;
        cluster.advance(3_600_000);
        cluster.nodes.forEach(node -> node.ticks = 0);
        cluster.partition().onConfig(PartitionConfig.ofQueue(), cluster.nowMs);
        cluster.settleDown();
        cluster.advance(10_000);
        int whenConfigured = cluster.leader().ticks;
        // Then
        assertThat(whenUsed).isEqualTo(1);
        assertThat(whenConfigured).isEqualTo(1);
    }

    /** Followers answer all the time, and nobody looks at the partition. */
    private void restForAnHour() {
        cluster.sendMany(1);
        cluster.advance(60_000);
        cluster.nowMs += 3_600_000;
        cluster.turn();
    }

    private long followerDeliveryEnd() {
        return cluster.nodes.get(1).storage.deliveries().logEndOffset();
    }
}
