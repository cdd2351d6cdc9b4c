package io.millrace.broker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.DeliverResponseData;
import io.millrace.protocol.message.DeliverResponseData.ConsumerDeliveries;
import io.millrace.protocol.message.DeliverResponseData.EndedConsumer;
import io.millrace.protocol.wire.Frames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeliverAnswerTest {
    private static final int CORRELATION_ID = 77;

    private final RecordingConnection connection = new RecordingConnection();

    @Test
    void writesWhatTheSchemaSays() {
        for (int length : new int[] {0, 1, 126, 127, 128, 4095, 4096, 16382, 16383, 300_000}) {
            // Given
            byte[] run = new byte[length];
            java.util.Arrays.fill(run, (byte) length);
            DeliverResponseData expected = new DeliverResponseData().setConfirmedSequence(1L << 40);
            DeliverAnswer answer = new DeliverAnswer();
            for (int consumer = 0; consumer < 3; consumer++) {
                answer.addMessages(consumer, Unpooled.copiedBuffer(run), Long.MAX_VALUE);
                expected.deliveries()
                        .add(new ConsumerDeliveries().setConsumerId(consumer).setMessages(ByteBuffer.wrap(run)));
            }
            answer.addDrained(5);
            answer.addEnded(6, ErrorCode.DESTINATION_DELETED, "orders is gone, schön");
            expected.setDrained(List.of(5));
            expected.ended()
                    .add(new EndedConsumer()
                            .setConsumerId(6)
                            .setErrorCode(ErrorCode.DESTINATION_DELETED.code())
                            .setErrorMessage("orders is gone, schön"));

            // When
            answer.write(connection, CORRELATION_ID, 1L << 40);

            // Then
            ByteBuf generated = Unpooled.buffer();
            for (Object part : Frames.response(UnpooledByteBufAllocator.DEFAULT, (short) 0, CORRELATION_ID, expected)) {
                generated.writeBytes((ByteBuf) part);
            }
            assertThat(connection.takeAll()).as("runs of %d bytes", length).isEqualTo(generated);
        }
    }

    @Test
    void releasesWhatIsNotSent() {
        // Given
        ByteBuf run = Unpooled.buffer().writeLong(1);
        DeliverAnswer answer = new DeliverAnswer();
        answer.addMessages(1, run, Long.MAX_VALUE);

        // When
        answer.release();

        // Then
        assertThat(run.refCnt()).isZero();
    }
}
