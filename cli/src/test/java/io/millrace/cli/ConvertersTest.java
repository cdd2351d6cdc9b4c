package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.protocol.DestinationName;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

final class ConvertersTest {
    @ParameterizedTest
    @CsvSource({"500ms,PT0.5S", "5s,PT5S", "1m,PT1M", "2h,PT2H", "7d,PT168H", "0s,PT0S"})
    void readsDurations(String text, Duration expected) {
        assertThat(new DurationConverter().convert(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "s", "-5s", "5 s", "5sec", "999999999999999d"})
    void refusesWhatIsNoDuration(String text) {
        assertThatThrownBy(() -> new DurationConverter().convert(text)).isInstanceOf(TypeConversionException.class);
    }

    @ParameterizedTest
    @CsvSource({"0,0", "1024,1024", "64k,65536", "10M,10485760"})
    void readsSizes(String text, int expected) {
        assertThat(new SizeConverter().convert(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "k", "-1", "1.5k", "1g", "9999999999", "2048m"})
    void refusesWhatIsNoSize(String text) {
        assertThatThrownBy(() -> new SizeConverter().convert(text)).isInstanceOf(TypeConversionException.class);
    }

    @Test
    void readsDestinations() {
        DestinationConverter converter = new DestinationConverter();

        assertThat(converter.convert("orders")).isEqualTo(DestinationName.queue("orders"));
        assertThat(converter.convert("queue:orders")).isEqualTo(DestinationName.queue("orders"));
        assertThat(converter.convert("topic:prices")).isEqualTo(DestinationName.topic("prices"));
        assertThat(converter.convert("queue:a:b")).isEqualTo(DestinationName.queue("a:b"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "queue:", "topic:", "Queue:orders", "mailbox:orders", "a:b"})
    void refusesWhatIsNoDestination(String text) {
        assertThatThrownBy(() -> new DestinationConverter().convert(text)).isInstanceOf(TypeConversionException.class);
    }

    @Test
    void readsRates() {
        RateConverter converter = new RateConverter();

        assertThat(converter.convert("10MiB/s")).isEqualTo(10L * 1024 * 1024);
        assertThat(converter.convert("500KiB/s")).isEqualTo(500L * 1024);
        assertThat(converter.convert("1048576")).isEqualTo(1024L * 1024);
        assertThat(converter.convert("none")).isZero();
        assertThatThrownBy(() -> converter.convert("fast")).hasMessageContaining("10MiB/s");
        assertThatThrownBy(() -> converter.convert("0")).hasMessageContaining("none");
        assertThatThrownBy(() -> converter.convert("10"))
                .hasMessageContaining("10 B/s")
                .hasMessageContaining("10MiB/s");
        assertThat(RateConverter.words(10L * 1024 * 1024)).isEqualTo("10.0 MiB/s");
        assertThat(RateConverter.bytes(7)).isEqualTo("7 B");
    }
}
