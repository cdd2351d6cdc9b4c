package io.millrace.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DestinationNameTest {
    @ParameterizedTest
    @CsvSource({
        "QUEUE, orders, queue.orders",
        "TOPIC, prices, prices",
        "TOPIC, queue.orders, _x0071_ueue.orders",
        "TOPIC, ., _x002E_",
        "QUEUE, a/b, queue.a_x002F_b",
        "QUEUE, my_x, queue.my_x",
        "TOPIC, _x0041_, _x005F_x0041_",
    })
    void namesTheKafkaTopic(DestinationKind kind, String name, String topicName) {
        assertThat(new DestinationName(kind, name).topicName()).isEqualTo(topicName);
        assertThat(DestinationName.ofTopicName(topicName)).isEqualTo(new DestinationName(kind, name));
    }

    @Test
    void mapsEveryNameToOneLegalTopicAndBack() {
        Random random = new Random(1);
        String letters = "_x0041Fq.ue é/";
        for (int i = 0; i < 200_000; i++) {
            StringBuilder name = new StringBuilder();
            int length = 1 + random.nextInt(14);
            for (int j = 0; j < length; j++) {
                name.append(letters.charAt(random.nextInt(letters.length())));
            }
            DestinationKind kind = random.nextBoolean() ? DestinationKind.QUEUE : DestinationKind.TOPIC;
            DestinationName destination = new DestinationName(kind, name.toString());
            assertThat(DestinationName.isLegalTopicName(destination.topicName()))
                    .isTrue();
            assertThat(DestinationName.ofTopicName(destination.topicName())).isEqualTo(destination);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "queue.", "a b", "_x0041_", "..", "/"})
    void refusesTopicNamesThatNoDestinationHas(String topicName) {
        assertThatThrownBy(() -> DestinationName.ofTopicName(topicName))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + topicName + "'");
    }

    @Test
    void refusesANameTooLongForKafka() {
        assertThatThrownBy(() -> DestinationName.queue("x".repeat(244)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("250");
        assertThat(DestinationName.queue("x".repeat(243)).topicName()).hasSize(249);
    }
}
