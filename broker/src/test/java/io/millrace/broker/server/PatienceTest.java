package io.millrace.broker.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.session.Complaints;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PatienceTest {
    private static final int MIB = 1024 * 1024;

    private final Patience patience = new Patience(ServerConfig.of(
            BrokerConfig.of(Map.of(
                    "frame.timeout.ms", "1000", "write.stall.timeout.ms", "2000", "connections.max.idle.ms", "10000")),
            new Complaints()));

    @Test
    void waitsForALargeFrameAsLongAsItsLengthIsWorth() {
        assertThat(patience.onFrame(7, MIB, 0)).isNull();
        assertThat(patience.onFrame(7, MIB, 5000)).isNull();
        assertThat(patience.onFrame(7, MIB, 5200)).contains("frame.timeout.ms");
    }

    @Test
    void beginsAnewWithEachFrameAndAfterAPauseOfTheBrokersOwn() {
        assertThat(patience.onFrame(1, 100, 0)).isNull();
        assertThat(patience.onFrame(2, 100, 1500)).isNull();
        assertThat(patience.onFrame(-1, 100, 3000)).isNull();
        assertThat(patience.onFrame(2, 100, 4500)).isNull();
        assertThat(patience.onFrame(2, 100, 6000)).isNotNull();
    }

    @Test
    void endsAStalledPeerSoonerWhileMemoryIsShort() {
        Object answer = new Object();
        assertThat(patience.onWrites(answer, 5, MIB, true, 0)).isNull();
        assertThat(patience.onWrites(answer, 5, MIB, false, 9000)).isNull();
        assertThat(patience.onWrites(answer, 5, 1000, true, 9000)).isNull();
        assertThat(patience.onWrites(answer, 5, MIB, true, 9000)).contains("write.stall.timeout.ms");
        assertThat(patience.onWrites(answer, 5, 1000, false, 10_001)).contains("connections.max.idle.ms");
    }

    @Test
    void waitsForAPeerThatTakesALittle() {
        Object answer = new Object();
        assertThat(patience.onWrites(answer, 5, MIB, true, 0)).isNull();
        assertThat(patience.onWrites(answer, 6, MIB, true, 20_000)).isNull();
        assertThat(patience.onWrites(null, 0, 0, true, 40_000)).isNull();
    }
}
