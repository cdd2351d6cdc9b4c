package io.millrace.broker.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.protocol.wire.MalformedFrameException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameDecoderTest {
    private static final int MAX_FRAME_BYTES = 1000;

    private final List<ByteBuf> frames = new ArrayList<>();
    private boolean full;
    private final FrameDecoder decoder =
            new FrameDecoder(MAX_FRAME_BYTES, length -> full ? null : Unpooled.directBuffer(length, length));

    @Test
    void cutsFramesHoweverTheBytesArrive() {
        for (long seed = 0; seed < 200; seed++) {
            // Given
            Random random = new Random(seed);
            frames.clear();
            ByteBuf stream = Unpooled.buffer();
            List<ByteBuf> sent = new ArrayList<>();
            List<ByteBuf> reads = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                ByteBuf frame = frame(random, 4 + random.nextInt(200));
                sent.add(frame);
                stream.writeInt(frame.readableBytes()).writeBytes(frame.duplicate());
            }

            // When
            while (stream.isReadable()) {
                int length = Math.min(stream.readableBytes(), 1 + random.nextInt(seed % 3 == 0 ? 3 : 300));
                ByteBuf read = Unpooled.copiedBuffer(stream.readSlice(length));
                assertThat(decoder.decode(read, frames::add)).isTrue();
                read.release();
                reads.add(read);
            }

            // Then
            assertThat(frames).as("seed %d", seed).containsExactlyElementsOf(sent);
            assertThat(decoder.isInFrame()).isFalse();
            frames.forEach(ByteBuf::release);
            assertThat(reads).allSatisfy(read -> assertThat(read.refCnt()).isZero());
        }
    }

    @Test
    void waitsBeforeAFrameThatThereIsNoRoomFor() {
        // Given
        ByteBuf in = Unpooled.buffer().writeInt(100).writeBytes(new byte[40]);
        full = true;

        // When
        boolean done = decoder.decode(in, frames::add);

        // Then
        assertThat(done).isFalse();
        assertThat(decoder.isInFrame()).isFalse();
        assertThat(in.readableBytes()).isEqualTo(40);

        // When
        full = false;
        done = decoder.decode(in.writeBytes(new byte[60]), frames::add);

        // Then
        assertThat(done).isTrue();
        assertThat(frames).singleElement().satisfies(frame -> assertThat(frame.readableBytes())
                .isEqualTo(100));
    }

    @Test
    void refusesLengthsOutOfRange() {
        for (int length : new int[] {-1, 0, 3, MAX_FRAME_BYTES + 1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertThatThrownBy(() -> new FrameDecoder(MAX_FRAME_BYTES, Unpooled::buffer)
                            .decode(Unpooled.buffer().writeInt(length), frames::add))
                    .isInstanceOf(MalformedFrameException.class)
                    .hasMessageContaining("a frame of " + length + " bytes")
                    .hasMessageContaining("max.frame.bytes");
        }
    }

    @Test
    void guessesWhatElseIsSpokenToIt() {
        assertThatThrownBy(() -> decoder.decode(
                        Unpooled.copiedBuffer("GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII)), frames::add))
                .hasMessageContaining("HTTP");
        assertThatThrownBy(() -> new FrameDecoder(MAX_FRAME_BYTES, Unpooled::buffer)
                        .decode(Unpooled.copiedBuffer(new byte[] {0x16, 0x03, 0x01, 0x00, 0x05}), frames::add))
                .hasMessageContaining("TLS");
    }

    @Test
    void givesTheRoomOfAnUnfinishedFrameBack() {
        // Given
        List<ByteBuf> rooms = new ArrayList<>();
        FrameDecoder cut = new FrameDecoder(MAX_FRAME_BYTES, length -> {
            rooms.add(Unpooled.directBuffer(length));
            return rooms.get(0);
        });
        cut.decode(Unpooled.buffer().writeInt(50).writeByte(1), frames::add);

        // When
        cut.close();

        // Then
        assertThat(rooms).singleElement().satisfies(room -> assertThat(room.refCnt())
                .isZero());
    }

    private static ByteBuf frame(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return Unpooled.wrappedBuffer(bytes);
    }
}
