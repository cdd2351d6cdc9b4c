package io.millrace.broker.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class ClaimsTest {
    private static final UUID FIRST = new UUID(0, 1);
    private static final UUID SECOND = new UUID(0, 2);

    private BrokerFixture broker = BrokerFixture.started(Map.of());
    private final List<String> takenOver = new ArrayList<>();
    private Runnable onCatchUp = () -> {};
    private final Random random = new Random(11);

    @Test
    void givesAClientIdentifierToOneConnection() {
        claim(FIRST, "first");
        assertThat(broker.<ClientIdClaim>refused(reply -> clientIds().claim("app", SECOND, claimant("second"), reply)))
                .isEqualTo(ErrorCode.INVALID_CLIENT_ID);
        assertThat(broker.<ClientIdClaim>refused(reply -> clientIds().claim("", SECOND, claimant("second"), reply)))
                .isEqualTo(ErrorCode.INVALID_CLIENT_ID);
    }

    @Test
    void letsAConnectionTakeItsClaimOver() {
        // Given
        ClientIdClaim old = claim(FIRST, "first");
        // When
        ClientIdClaim taken = claim(FIRST, "again");
        clientIds().release(old);
        broker.run();
        // Then
        assertThat(taken.epoch()).isGreaterThan(old.epoch());
        assertThat(takenOver).containsExactly("first");
        assertThat(broker.<ClientIdClaim>refused(reply -> clientIds().claim("app", SECOND, claimant("second"), reply)))
                .isEqualTo(ErrorCode.INVALID_CLIENT_ID);
    }

    @Test
    void givesAReleasedClientIdentifierToAnother() {
        clientIds().release(claim(FIRST, "first"));
        claim(SECOND, "second");
        assertThat(takenOver).isEmpty();
    }

    @Test
    void looksWhetherTheHolderIsGoneBeforeItRefuses() {
        // Given
        ClientIdClaim closed = claim(FIRST, "first");
        onCatchUp = () -> clientIds().release(closed);
        // When
        ClientIdClaim claim = claim(SECOND, "second");
        // Then
        assertThat(claim.connectionId()).isEqualTo(SECOND);
    }

    @Test
    void neverGivesAProducerIdTwice() {
        // Given
        Set<Long> given = new HashSet<>();
        int count = 0;
        // When
        for (int life = 0; life < 3; life++) {
            for (int i = 0; i < ProducerIds.BLOCK * 3 / 2; i++) {
                given.add(broker.ask(
                        (Reply<Long> reply) -> broker.metadata.producerIds().next(reply)));
                count++;
            }
            broker = broker.restart();
        }
        // Then
        assertThat(given).hasSize(count);
    }

    @Test
    void givesNoProducerIdAgainAfterTheDataWasLostOrPutBack() {
        // Given
        MemoryMetadataStore store = new MemoryMetadataStore(Runnable::run);
        store.values().put("/millrace", new StoredValue("/millrace", "", 0, 1, 1));
        Map<String, StoredValue> empty = Map.copyOf(store.values());
        List<Long> given = new ArrayList<>(producerIdsOfOneLife(store));
        Map<String, StoredValue> copy = Map.copyOf(store.values());
        given.addAll(producerIdsOfOneLife(store));
        // When
        store.values().clear();
        store.values().putAll(copy);
        given.addAll(producerIdsOfOneLife(store));
        store.values().clear();
        store.values().putAll(empty);
        given.addAll(producerIdsOfOneLife(store));
        // Then
        assertThat(given).hasSize(40).doesNotHaveDuplicates().allMatch(id -> id >= 0);
    }

    private List<Long> producerIdsOfOneLife(MemoryMetadataStore store) {
        ProducerIds ids = new ProducerIds(store, Runnable::run, () -> new UUID(random.nextLong(), random.nextLong()));
        List<Long> given = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            BrokerFixture.Answer<Long> answer = new BrokerFixture.Answer<>();
            ids.next(answer);
            given.add(answer.get());
        }
        return given;
    }

    @Test
    void asksForTheNextBlockBeforeItIsNeeded() {
        // Given
        for (int i = 0; i < ProducerIds.BLOCK * 7 / 8; i++) {
            broker.ask((Reply<Long> reply) -> broker.metadata.producerIds().next(reply));
        }
        broker.store().crashAfterWrites(0);
        // When
        long last = 0;
        for (int i = 0; i < ProducerIds.BLOCK; i++) {
            last = broker.ask(
                    (Reply<Long> reply) -> broker.metadata.producerIds().next(reply));
        }
        // Then
        assertThat(last).isEqualTo(ProducerIds.BLOCK * 15 / 8 - 1);
    }

    private ClientIds.Claimant claimant(String session) {
        return new ClientIds.Claimant() {
            @Override
            public void takenOver() {
                takenOver.add(session);
            }

            @Override
            public void catchUp(Runnable caughtUp) {
                onCatchUp.run();
                caughtUp.run();
            }
        };
    }

    private ClientIds clientIds() {
        return broker.metadata.clientIds();
    }

    private ClientIdClaim claim(UUID connection, String session) {
        return broker.ask(reply -> clientIds().claim("app", connection, claimant(session), reply));
    }
}
