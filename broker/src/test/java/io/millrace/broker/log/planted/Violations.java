package io.millrace.broker.log.planted;

import io.netty.channel.Channel;
import java.io.File;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.common.TopicPartition;
import org.apache.zookeeper.ZooKeeper;

/** What a core must not do, each in a class of its own: the architecture rules have to find them all. Never run. */
@SuppressWarnings("unused")
public final class Violations {
    private Violations() {}

    static final class ReadsClock {
        long nowMs() {
            return System.currentTimeMillis();
        }
    }

    static final class ReadsInstant {
        Object now() {
            return Instant.now();
        }
    }

    static final class TakesLock {
        private final ReentrantLock lock = new ReentrantLock();
    }

    static final class StartsThread {
        private final Object thread = new Thread(() -> {});
    }

    static final class ReturnsFuture {
        private final CompletableFuture<String> future = new CompletableFuture<>();
    }

    static final class DrawsRandom {
        private final Random random = new Random();
    }

    static final class DrawsUuid {
        private final Object id = UUID.randomUUID();
    }

    static final class OpensFile {
        private final File file = new File("planted");
    }

    static final class OpensPath {
        private final Path path = Path.of("planted");
    }

    static final class OpensSocket {
        private final Socket socket = new Socket();
    }

    static final class WritesChannel {
        void write(Channel channel) {
            channel.flush();
        }
    }

    static final class AsksZooKeeper {
        Object state(ZooKeeper zooKeeper) {
            return zooKeeper.getState();
        }
    }

    static final class UsesKafka {
        private final Object partition = new TopicPartition("planted", 0);
    }
}
