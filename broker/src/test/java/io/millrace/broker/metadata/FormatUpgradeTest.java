package io.millrace.broker.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.format.FormatLevel;
import io.millrace.broker.format.Formats;
import io.millrace.broker.format.NextFormats;
import io.millrace.broker.metadata.BrokerFixture.Answer;
import io.millrace.broker.metadata.ClusterFixture.Member;
import io.millrace.protocol.ErrorCode;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Brokers of this build, whose newest format level is 1, and of the next, which knows level 2, over one store. */
class FormatUpgradeTest {
    private static final Formats NEXT = NextFormats.read();

    private final ClusterFixture cluster = ClusterFixture.of(1, 2, 3);

    private void replaceAll() {
        for (int id = 1; id <= 3; id++) {
            replace(id);
        }
    }

    private Member replace(int id) {
        cluster.kill(id);
        return cluster.start(id, next());
    }

    private static FormatLevel next() {
        return new FormatLevel(NEXT, 1, higher -> {});
    }

    private Answer<FormatUpgrade.Status> raise(int through, int level) {
        return cluster.broker(through)
                .asking(reply ->
                        cluster.broker(through).metadata.formatUpgrade().raise(level, reply));
    }

    private StoredLevel stored() {
        return MetadataCodec.readLevel(cluster.store().values().get(MetadataCodec.LEVEL));
    }

    @Test
    void beginsAtTheNewestLevelOfTheBuildThatFoundsTheCluster() {
        ClusterFixture founded = new ClusterFixture();
        founded.start(1, next());
        assertThat(MetadataCodec.readLevel(founded.store().values().get(MetadataCodec.LEVEL)))
                .isEqualTo(new StoredLevel(2, 2, "next"));
        assertThat(stored()).isEqualTo(new StoredLevel(1, 1, "0.1"));
    }

    @Test
    void writesAtTheOldLevelUntilItIsRaisedAndAtTheNewOneFromThenOn() {
        // Given
        replaceAll();
        Destination orders = cluster.create(1, 1, 3);
        // When
        assertThat(cluster.store().values().get(MetadataCodec.brokerPath(1)).text())
                .startsWith("{\"version\":1,");
        assertThat(raise(2, FormatUpgrade.NEWEST).get().level()).isEqualTo(2);
        cluster.run();
        cluster.kill(3);
        cluster.start(3, next());
        // Then
        assertThat(stored()).isEqualTo(new StoredLevel(2, 2, "next"));
        assertThat(cluster.store().values().get(MetadataCodec.brokerPath(3)).text())
                .startsWith("{\"version\":2,\"level\":2,");
        assertThat(cluster.broker(1).image().brokers()).containsOnlyKeys(1, 2, 3);
        assertThat(cluster.store()
                        .values()
                        .get(MetadataCodec.partitionPath(orders.topicId(), 0))
                        .text())
                .startsWith("{\"version\":2,\"level\":2,");
        assertThat(cluster.seenBy(1).isr()).containsExactly(1, 2);
    }

    @Test
    void isNotRaisedWhileABrokerDoesNotKnowTheLevel() {
        // Given
        replace(1);
        replace(3);
        // When
        Answer<FormatUpgrade.Status> answer = raise(1, 2);
        // Then
        assertThat(answer.error()).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(answer.message()).contains("level 2 is not known to broker 2");
        assertThat(stored()).isEqualTo(new StoredLevel(1, 1, "0.1"));
        assertThat(raise(1, FormatUpgrade.NEWEST).get().level()).isEqualTo(1);
    }

    @Test
    void neverGoesBack() {
        // Given
        replaceAll();
        raise(1, 2).get();
        // When
        Answer<FormatUpgrade.Status> answer = raise(1, 1);
        // Then
        assertThat(answer.message()).contains("never goes back");
        assertThat(stored().level()).isEqualTo(2);
    }

    @Test
    void letsNobodyInWhoDoesNotKnowTheLevelThatItIsBeingRaisedTo() {
        // Given
        replaceAll();
        cluster.kill(2);
        cluster.store()
                .write(
                        List.of(new StoreWrite.Set(
                                MetadataCodec.LEVEL,
                                MetadataCodec.level(new StoredLevel(1, 2, "next")),
                                MetadataStore.ANY_VERSION)),
                        Outcomes.handle(versions -> {}, failure -> {}));
        cluster.run();
        // When
        Member plain = cluster.new Member(2);
        plain.<Void>ask(plain.metadata::start);
        Answer<Void> registered =
                plain.asking(reply -> plain.metadata.register(new BrokerAddress(2, "host2", 9092), reply));
        for (int i = 0; i < 60; i++) {
            plain.metadata.onTick(i * 200L);
            cluster.run();
        }
        // Then
        assertThat(registered.message()).contains("being raised to format level 2", "needs release next");
        assertThat(cluster.broker(1).image().brokers()).containsOnlyKeys(1, 3);
        assertThat(raise(1, 2).get().level()).isEqualTo(2);
    }

    @Test
    void refusesABuildThatDoesNotKnowTheLevelBeforeItReadsAnythingElse() {
        // Given
        replaceAll();
        raise(1, 2).get();
        cluster.kill(2);
        // When
        Member plain = cluster.new Member(2);
        Answer<Void> started = plain.asking(plain.metadata::start);
        // Then
        assertThat(started.error()).isEqualTo(ErrorCode.UNSUPPORTED_VERSION);
        assertThat(started.message()).contains("at format level 2", "reads and writes 1", "needs release next");
    }

    @Test
    void takesAClusterThatWasFoundedBeforeThereWereLevelsForOneOfTheFirst() {
        // Given
        cluster.kill(1);
        cluster.kill(2);
        cluster.kill(3);
        cluster.store().vanish(MetadataCodec.LEVEL);
        // When
        cluster.start(1, next());
        // Then
        assertThat(stored().level()).isEqualTo(1);
    }
}
