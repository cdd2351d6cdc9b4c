package io.millrace.broker.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.journal.JournalConfig;
import io.millrace.broker.journal.JournalEntry;
import io.millrace.broker.journal.JournalFile;
import io.millrace.broker.journal.JournalIntake;
import io.millrace.broker.journal.JournalStartup;
import io.millrace.broker.journal.JournalTurn;
import io.millrace.broker.journal.JournalWriter;
import io.millrace.broker.journal.LaneJournal;
import io.millrace.broker.log.LogKey;
import io.millrace.broker.log.LogKind;
import io.millrace.broker.log.MemoryDisk;
import io.millrace.broker.log.StorageException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The journal's thread on a disk whose sync fails. */
@Timeout(30)
class JournalThreadTest {
    private static final LogKey LOG = new LogKey(new UUID(1, 1), 0, LogKind.MESSAGE);

    private final MemoryDisk disk = new MemoryDisk();
    private final BlockingQueue<Long> flushed = new LinkedBlockingQueue<>();
    private final BlockingQueue<StorageException> failures = new LinkedBlockingQueue<>();
    private final JournalThread thread = new JournalThread(
            JournalStartup.recover(disk.root(), JournalConfig.defaults()).writer(),
            JournalConfig.defaults(),
            new Hooks());
    private final LaneJournal lane = new LaneJournal(new ThreadLane(), new Intake());

    @Test
    void endsForGoodWhenASyncFails() throws InterruptedException {
        // Given
        thread.start();
        submit();
        assertThat(flushed.poll(10, TimeUnit.SECONDS)).isEqualTo(1);
        disk.failForce(StorageException.Kind.IO);
        long forcesBefore = disk.forces();

        // When
        submit();

        // Then
        assertThat(failures.poll(10, TimeUnit.SECONDS)).hasMessageContaining("force fails");
        thread.join();
        assertThat(flushed).isEmpty();
        assertThat(disk.forces()).as("tried once, never again").isEqualTo(forcesBefore + 1);

        // When
        disk.failForce(null);
        submit();

        // Then
        assertThat(flushed).isEmpty();
        assertThat(failures).isEmpty();
        assertThatThrownBy(() -> lane.ensureAccepting(LogKind.MESSAGE)).isSameAs(thread.failure());
        assertThatThrownBy(() -> lane.ensureAccepting(LogKind.DELIVERY)).isSameAs(thread.failure());
    }

    /** Appends an entry that somebody waits for. */
    private void submit() {
        JournalEntry entry = JournalEntry.message(LOG, 0, 0, ByteBuffer.allocate(100), () -> {});
        thread.submit(new JournalTurn(lane, List.of(entry), 1, 100, true));
    }

    private final class Hooks implements JournalThread.Hooks {
        @Override
        public void flushed(JournalWriter.Flushed done) {
            flushed.add(done.ticket());
        }

        @Override
        public void fileNeeded() {}

        @Override
        public void delete(List<JournalFile> files) {}

        @Override
        public void written(long bytes) {}

        @Override
        public void failed(StorageException cause) {
            failures.add(cause);
        }
    }

    private final class Intake implements JournalIntake {
        @Override
        public void submit(JournalTurn turn) {
            thread.submit(turn);
        }

        @Override
        public @Nullable StorageException refusal(LogKind kind) {
            return thread.refusal(kind);
        }

        @Override
        public long checkpointBytes() {
            return Long.MAX_VALUE;
        }

        @Override
        public void requestCheckpoint() {}
    }
}
