package io.millrace.broker.server;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.ConfigException;
import io.millrace.broker.config.Transport;
import io.millrace.broker.lane.Lane;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.internal.PlatformDependent;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All lanes of a broker, each with an event loop of its own, and the budget of bytes they share. For any thread. */
public final class Lanes implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Lanes.class);
    private static final long CLOSE_TIMEOUT_MS = 2000;

    private final EventLoopGroup loops;
    private final boolean epoll;
    private final InFlightBudget budget;
    private final List<NettyLane> lanes;

    private Lanes(EventLoopGroup loops, boolean epoll, InFlightBudget budget, List<NettyLane> lanes) {
        this.loops = loops;
        this.epoll = epoll;
        this.budget = budget;
        this.lanes = List.copyOf(lanes);
    }

    /**
     * Starts the lanes of a broker.
     *
     * @param faults is told of every exception that a lane's task throws: a fault of the broker itself
     */
    public static Lanes start(BrokerConfig config, Consumer<Throwable> faults) {
        int count = config.get(BrokerConfig.LANES);
        int inFlightBytes = config.get(BrokerConfig.IN_FLIGHT_BYTES);
        return start(
                count > 0 ? count : Math.max(1, Runtime.getRuntime().availableProcessors() / 2),
                inFlightBytes > 0 ? inFlightBytes : PlatformDependent.maxDirectMemory() / 2,
                usesEpoll(config.get(BrokerConfig.TRANSPORT)),
                faults);
    }

    private static boolean usesEpoll(Transport transport) {
        return switch (transport) {
            case NIO -> false;
            case EPOLL -> {
                if (!Epoll.isAvailable()) {
                    throw new ConfigException("transport=epoll, but there is no epoll here: "
                            + Epoll.unavailabilityCause().getMessage());
                }
                yield true;
            }
            case AUTO -> {
                if (!Epoll.isAvailable()) {
                    LOG.info(
                            "no epoll here ({}), nio is used",
                            Epoll.unavailabilityCause().getMessage());
                }
                yield Epoll.isAvailable();
            }
        };
    }

    static Lanes start(int count, long inFlightBytes, boolean epoll, Consumer<Throwable> faults) {
        IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        EventLoopGroup loops =
                new MultiThreadIoEventLoopGroup(count, new DefaultThreadFactory("millrace-lane", true), io);
        InFlightBudget budget = new InFlightBudget(allocator(count), inFlightBytes);
        List<NettyLane> lanes = new ArrayList<>();
        for (EventExecutor loop : loops) {
            lanes.add(new NettyLane((EventLoop) loop, budget, faults));
        }
        budget.onExhausted(() -> lanes.forEach(NettyLane::relieve));
        return new Lanes(loops, epoll, budget, lanes);
    }

    /** How many lanes there are. */
    public int count() {
        return lanes.size();
    }

    /** A lane by its number from 0 on. */
    public NettyLane lane(int index) {
        return lanes.get(index);
    }

    /** The lane that a partition is pinned to. */
    public Lane laneOf(UUID topicId, int partition) {
        return lanes.get(Math.floorMod(topicId.hashCode() * 31 + partition, lanes.size()));
    }

    /** Where buffers that count against the in-flight budget come from. */
    ByteBufAllocator allocator() {
        return budget.allocator();
    }

    /** The bytes in flight. */
    public InFlightBudget budget() {
        return budget;
    }

    /** Stops the lanes; tasks that wait are still done. */
    @Override
    public void close() {
        if (!loops.shutdownGracefully(0, CLOSE_TIMEOUT_MS, TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(CLOSE_TIMEOUT_MS, TimeUnit.MILLISECONDS)) {
            LOG.warn("lanes did not stop within {} ms", CLOSE_TIMEOUT_MS);
        }
    }

    EventLoopGroup loops() {
        return loops;
    }

    boolean epoll() {
        return epoll;
    }

    NettyLane laneOf(EventLoop loop) {
        for (NettyLane lane : lanes) {
            if (lane.loop() == loop) {
                return lane;
            }
        }
        throw new IllegalArgumentException("an event loop that is no lane");
    }

    /** An arena for each lane, and one for the other threads. */
    private static PooledByteBufAllocator allocator(int lanes) {
        return new PooledByteBufAllocator(
                true,
                1,
                lanes + 1,
                PooledByteBufAllocator.defaultPageSize(),
                PooledByteBufAllocator.defaultMaxOrder(),
                PooledByteBufAllocator.defaultSmallCacheSize(),
                PooledByteBufAllocator.defaultNormalCacheSize(),
                true);
    }
}
