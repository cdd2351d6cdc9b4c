package io.millrace.broker.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.protocol.wire.MalformedFrameException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class GroupRecordCodecTest {
    static List<GroupRecord> records() {
        TopicIndex partition = new TopicIndex("t", 3);
        StoredMember member = new StoredMember(
                "m", "i", new Client("c", "/h"), 60_000, 10_000, TestMember.bytes("s"), TestMember.bytes("a"));
        return List.of(
                new GroupRecord.Offset("g", partition, new CommittedOffset(5, 2, "x", 7, -1, new UUID(1, 2))),
                new GroupRecord.Offset("g", partition, new CommittedOffset(5, -1, "", 7, 9, new UUID(0, 0))),
                new GroupRecord.Metadata("g", new StoredGroup("consumer", 4, "range", "m", 8, List.of(member))),
                new GroupRecord.Metadata("g", new StoredGroup("consumer", 5, null, null, 8, List.of())));
    }

    @ParameterizedTest
    @MethodSource("records")
    void readsWhatItWrote(GroupRecord record) {
        assertThat(read(GroupRecordCodec.key(record), GroupRecordCodec.value(record)))
                .isEqualTo(record);
    }

    @ParameterizedTest
    @MethodSource("records")
    void saysThatWhatIsCutIsNoRecord(GroupRecord record) {
        byte[] key = GroupRecordCodec.key(record);
        byte[] value = GroupRecordCodec.value(record);
        for (int length = 0; length < key.length; length++) {
            byte[] cut = Arrays.copyOf(key, length);
            assertThatThrownBy(() -> read(cut, value)).isInstanceOf(MalformedFrameException.class);
        }
        for (int length = 0; length < value.length; length++) {
            byte[] cut = Arrays.copyOf(value, length);
            assertThatThrownBy(() -> read(key, cut)).isInstanceOf(MalformedFrameException.class);
        }
    }

    private static GroupRecord read(byte[] key, byte[] value) {
        return GroupRecordCodec.read(ByteBuffer.wrap(key), ByteBuffer.wrap(value));
    }
}
