package io.millrace.simulation.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.simulation.kernel.Chance;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class InodeTest {
    private final Chance chance = Chance.of(1, "inode");

    @Test
    void readsBackWhatWasWritten() {
        Inode inode = new Inode();
        inode.write(5000, filled(10_000, 7));

        assertThat(inode.sizeBytes()).isEqualTo(15_000);
        assertThat(content(inode, 0, 5000)).containsOnly(0);
        assertThat(content(inode, 5000, 20_000)).hasSize(10_000).containsOnly(7);
    }

    @Test
    void keepsWhatWasSyncedThroughEveryCrash() {
        for (int seed = 0; seed < 200; seed++) {
            // Given
            Inode inode = new Inode();
            inode.write(0, filled(9000, 1));
            inode.sync();
            inode.write(4000, filled(1000, 2));
            inode.write(9000, filled(3000, 3));

            // When
            inode.crash(Chance.of(seed, "crash"));

            // Then
            assertThat(inode.sizeBytes()).isBetween(9000L, 12_000L);
            assertThat(content(inode, 0, 3584)).containsOnly(1);
            assertThat(content(inode, 5120, 3000)).containsOnly(1);
        }
    }

    @Test
    void tearsUnsyncedWritesAtSectors() {
        // Given
        boolean torn = false;
        for (int seed = 0; seed < 200 && !torn; seed++) {
            Inode inode = new Inode();
            inode.write(0, filled(4096, 1));
            inode.sync();
            inode.write(0, filled(4096, 2));

            // When
            inode.crash(Chance.of(seed, "crash"));

            // Then
            byte[] after = content(inode, 0, 4096);
            for (int sector = 0; sector < 8; sector++) {
                byte[] bytes = Arrays.copyOfRange(after, sector * 512, sector * 512 + 512);
                assertThat(bytes).containsOnly(bytes[0]);
                torn |= bytes[0] != after[0];
            }
        }
        assertThat(torn).isTrue();
    }

    @Test
    void restoresAllOrNothingOfAnUnsyncedTruncation() {
        for (int seed = 0; seed < 200; seed++) {
            // Given
            Inode inode = new Inode();
            inode.write(0, filled(5000, 1));
            inode.sync();
            inode.truncate(700);

            // When
            inode.crash(Chance.of(seed, "crash"));

            // Then
            assertThat(inode.sizeBytes()).isIn(700L, 5000L);
            assertThat(content(inode, 0, 5000)).hasSize((int) inode.sizeBytes()).containsOnly(1);
        }
    }

    @Test
    void neverWritesWhatAFailedSyncGaveUp() {
        // Given
        boolean lost = false;
        for (int seed = 0; seed < 50; seed++) {
            Inode inode = new Inode();
            inode.write(0, filled(4096, 1));
            inode.sync();
            inode.write(0, filled(4096, 2));
            inode.failSync(Chance.of(seed, "sync"));
            assertThat(content(inode, 0, 4096)).containsOnly(2);

            // When
            inode.sync();
            inode.crash(chance);

            // Then
            lost |= content(inode, 0, 512)[0] == 1;
        }
        assertThat(lost).isTrue();
    }

    @Test
    void losesDirectoryChangesFromSomePointOn() {
        boolean kept = false;
        boolean lost = false;
        for (int seed = 0; seed < 50; seed++) {
            // Given
            Folder folder = new Folder();
            folder.createFile("a").write(0, filled(10, 1));
            folder.sync();
            folder.createFile("b.new");
            folder.rename("b.new", "b");
            folder.remove("a");

            // When
            folder.crash(Chance.of(seed, "crash"));

            // Then
            assertThat(folder.contains("a") || folder.contains("b")).isTrue();
            assertThat(folder.contains("b.new") && folder.contains("b")).isFalse();
            kept |= !folder.contains("a");
            lost |= !folder.contains("b");
        }
        assertThat(kept && lost).isTrue();
    }

    private static ByteBuffer filled(int length, int with) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) with);
        return ByteBuffer.wrap(bytes);
    }

    private static byte[] content(Inode inode, long position, int length) {
        ByteBuffer into = ByteBuffer.allocate(length);
        int read = inode.read(position, into);
        return Arrays.copyOf(into.array(), read);
    }
}
