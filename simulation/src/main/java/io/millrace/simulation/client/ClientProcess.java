package io.millrace.simulation.client;

import io.millrace.jms.engine.BrokerAddress;
import io.millrace.jms.engine.ConnectionEngine;
import io.millrace.jms.engine.EngineConfig;
import io.millrace.jms.engine.EngineException;
import io.millrace.jms.engine.Outbox;
import io.millrace.protocol.DestinationName;
import io.millrace.simulation.check.ClientLife;
import io.millrace.simulation.check.History;
import io.millrace.simulation.check.PlantedBug;
import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.kernel.Life;
import io.millrace.simulation.network.FrameSplitter;
import io.millrace.simulation.network.SimLink;
import io.millrace.simulation.network.SimNetwork;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One client process with one connection: the real engine, its links over the simulated network, its turns and timers under virtual time.
 * It dies when somebody says so, or ends when its connection is lost for good or closed.
 */
public final class ClientProcess implements Outbox {
    private static final long LONGEST_TURN_NS = 200 * Kernel.MICRO;

    /** What a client process needs of the world. */
    public record World(Kernel kernel, SimNetwork network, History history, PlantedBug bug, Brokers brokers) {
        /** The same to a client that is not told of one broker. */
        public World without(String host) {
            return new World(kernel, network, history, bug, new Brokers() {
                @Override
                public List<BrokerAddress> addresses() {
                    return brokers.addresses().stream()
                            .filter(address -> !address.host().equals(host))
                            .toList();
                }

                @Override
                public List<Integer> ledBy(String on, DestinationName destination) {
                    return brokers.ledBy(on, destination);
                }
            });
        }
    }

    /** The brokers, as the world knows them. */
    public interface Brokers {
        /** Where they listen. */
        List<BrokerAddress> addresses();

        /** The partitions of a destination that the broker on a host leads. */
        List<Integer> ledBy(String host, DestinationName destination);
    }

    private final World world;
    private final Kernel kernel;
    private final String name;
    private final Chance chance;
    private final Life life = new Life();
    private final ClientLife judged;
    private final ConnectionEngine engine;
    private final Consumer<String> ended;
    private final Map<Integer, Channel> channels = new TreeMap<>();
    private final List<SimLink> links = new ArrayList<>();
    private @Nullable DestinationName consumed;
    private long sentNs;
    private boolean turnEndAsked;
    private long timerNs = Long.MAX_VALUE;

    /**
     * @param clientId the JMS client identifier, or null
     * @param ended told, once, why the process is no more
     */
    public ClientProcess(
            World world,
            String name,
            @Nullable String clientId,
            EngineConfig.Timeouts timeouts,
            Consumer<String> ended) {
        this.world = world;
        this.kernel = world.kernel();
        this.name = name;
        this.chance = kernel.chance(name);
        this.judged = new ClientLife(name);
        this.ended = ended;
        UUID id = new UUID(chance.nextLong(), chance.nextLong());
        EngineConfig config = new EngineConfig(
                new EngineConfig.Identity(id, clientId, null, null, "simulated"),
                world.brokers().addresses(),
                timeouts,
                true,
                1 + (int) chance.skewed(100, 100_000));
        this.engine = new ConnectionEngine(config, this, UnpooledByteBufAllocator.DEFAULT);
    }

    public String name() {
        return name;
    }

    public Kernel kernel() {
        return kernel;
    }

    public History history() {
        return world.history();
    }

    /** Its part in the judgement. */
    public ClientLife judged() {
        return judged;
    }

    /** A stream of chance for one of its applications. */
    Chance splitChance() {
        return chance.split();
    }

    public boolean isOver() {
        return life.hasEnded();
    }

    ConnectionEngine engine() {
        return engine;
    }

    /** Opens the connection. */
    public void open(Runnable opened) {
        input(nowMs -> engine.open(
                new Answer<>(done -> opened.run(), cause -> end("could not connect: " + cause.getMessage())), nowMs));
    }

    /** Dies on the spot. */
    public void die(boolean noticed) {
        if (life.hasEnded()) {
            return;
        }
        kernel.note(name, noticed ? "dies" : "dies unnoticed");
        judged.died(kernel.nowNs());
        life.end();
        for (SimLink link : links) {
            link.die(SimLink.Side.CLIENT, noticed);
        }
        ended.accept("died");
    }

    /** Closes the connection, once what is under way is answered, and ends. */
    public void close() {
        input(nowMs -> engine.close(
                new Answer<>(done -> end("closed"), cause -> end("closed: " + cause.getMessage())), nowMs));
    }

    /** Gives the engine an input; its turn ends a little later. */
    void input(LongConsumer input) {
        if (life.hasEnded()) {
            return;
        }
        input.accept(kernel.nowMs());
        if (!turnEndAsked) {
            turnEndAsked = true;
            after(chance.skewed(0, LONGEST_TURN_NS), "end of turn", this::endTurn);
        }
    }

    /** Lets the process do something after a while, if it lives. */
    void after(long delayNs, String what, Runnable action) {
        kernel.after(delayNs, life, name, what, action);
    }

    private void endTurn() {
        turnEndAsked = false;
        long dueMs = engine.endOfTurn(kernel.nowMs());
        if (dueMs == Long.MAX_VALUE) {
            return;
        }
        long dueNs = kernel.nowNs() + Math.max(0, dueMs - kernel.nowMs()) * Kernel.MILLI;
        if (dueNs < timerNs || timerNs <= kernel.nowNs()) {
            timerNs = dueNs;
            long asked = timerNs;
            after(dueNs - kernel.nowNs() + chance.skewed(0, Kernel.MILLI), "timer", () -> {
                if (timerNs == asked) {
                    timerNs = Long.MAX_VALUE;
                    input(engine::onTick);
                }
            });
        }
    }

    private void end(String why) {
        if (life.hasEnded()) {
            return;
        }
        kernel.note(name, "ends");
        if (!why.startsWith("closed")) {
            judged.died(kernel.nowNs());
        }
        for (Channel channel : channels.values()) {
            channel.close();
        }
        life.end();
        ended.accept(why);
    }

    // ---- what the engine wants

    @Override
    public void connect(int number, BrokerAddress address) {
        Channel channel = new Channel(number, address.host());
        channels.put(number, channel);
        world.network().connect(life, name, address.host(), channel, channel::onConnected, channel::onRefused);
    }

    @Override
    public void write(int number, ByteBuf frame) {
        Channel channel = channels.get(number);
        byte[] bytes = new byte[frame.readableBytes()];
        frame.readBytes(bytes);
        frame.release();
        if (channel != null) {
            channel.write(PlantedFrames.fromClient(world.bug(), bytes));
        }
    }

    @Override
    public void disconnect(int number) {
        Channel channel = channels.remove(number);
        if (channel != null) {
            channel.close();
        }
    }

    @Override
    public void lost(EngineException cause) {
        kernel.note(name, "lost its connection for good");
        after(0, "is told of the loss", () -> end("lost for good: " + cause.getMessage()));
    }

    /** A link is good for nothing any more: if it is one to a leader, consumers are cut off. */
    private void onLinkEnd(String host) {
        DestinationName destination = consumed;
        if (destination != null) {
            world.brokers().ledBy(host, destination).forEach(partition -> judged.cutOff(partition, kernel.nowNs()));
        }
    }

    /** When what the engine is given at this moment had been sent. */
    long sentNs() {
        return sentNs;
    }

    /** Says what its consumers consume. */
    void consumes(DestinationName destination) {
        consumed = destination;
    }

    /** One connection over the network, with the engine's number. */
    private final class Channel implements SimLink.End {
        private final int number;
        private final String host;
        private final FrameSplitter frames = new FrameSplitter(this::onFrame);
        private @Nullable SimLink link;
        private boolean over;

        Channel(int number, String host) {
            this.number = number;
            this.host = host;
        }

        void onConnected(SimLink made) {
            links.removeIf(SimLink::isOver);
            links.add(made);
            made.onEnd(() -> onLinkEnd(host));
            if (over) {
                made.close(SimLink.Side.CLIENT);
                return;
            }
            link = made;
            input(nowMs -> engine.onConnected(number, nowMs));
        }

        void onRefused() {
            if (!over) {
                over = true;
                channels.remove(number);
                input(nowMs -> engine.onDisconnected(number, "connection refused", nowMs));
            }
        }

        void write(byte[] frame) {
            if (link != null && !over) {
                link.write(SimLink.Side.CLIENT, frame);
            }
        }

        void close() {
            over = true;
            if (link != null) {
                link.close(SimLink.Side.CLIENT);
            }
        }

        private void onFrame(byte[] frame) {
            if (!over) {
                sentNs = link == null ? kernel.nowNs() : link.writtenNs(SimLink.Side.CLIENT);
                ByteBuf buffer = Unpooled.wrappedBuffer(frame);
                input(nowMs -> engine.onFrame(number, buffer, nowMs));
            }
        }

        @Override
        public void onBytes(byte[] bytes) {
            if (!life.hasEnded()) {
                frames.onBytes(bytes);
            }
        }

        @Override
        public void onClosed() {
            if (!over && !life.hasEnded()) {
                over = true;
                channels.remove(number);
                input(nowMs -> engine.onDisconnected(number, "connection reset", nowMs));
            }
        }
    }
}
