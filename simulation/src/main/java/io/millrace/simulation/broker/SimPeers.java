package io.millrace.simulation.broker;

import io.millrace.broker.lane.Lane;
import io.millrace.broker.peer.FramedLink;
import io.millrace.broker.peer.LocalBroker;
import io.millrace.broker.peer.Peer;
import io.millrace.broker.peer.PeerChannel;
import io.millrace.broker.peer.PeerConfig;
import io.millrace.broker.peer.PeerEnd;
import io.millrace.broker.peer.PeerLink;
import io.millrace.broker.peer.PeerLinkListener;
import io.millrace.broker.peer.Peers;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.kernel.Life;
import io.millrace.simulation.network.FrameSplitter;
import io.millrace.simulation.network.SimLink;
import io.millrace.simulation.network.SimNetwork;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.jspecify.annotations.Nullable;

/** A broker's connections to the others over the simulated network. */
final class SimPeers implements Peers {
    private static final int FULL_BYTES = 100_000;

    private final Kernel kernel;
    private final Life life;
    private final SimNetwork network;
    private final String host;
    private final PeerConfig config;
    private final LocalBroker self;
    private final PlantedReplication planted;

    SimPeers(BrokerProcess.Machine machine, Life life, PeerConfig config, LocalBroker self) {
        this.kernel = machine.kernel();
        this.life = life;
        this.network = machine.network();
        this.host = machine.host();
        this.config = config;
        this.self = self;
        this.planted = new PlantedReplication(machine.bug());
    }

    @Override
    public PeerLink open(Peer peer, Lane lane, PeerLinkListener listener) {
        Channel channel = new Channel(peer.address().host(), lane);
        FramedLink link =
                new FramedLink(peer, lane, channel, self, config, listener, () -> kernel.nowNs() / Kernel.MILLI);
        channel.owner = link;
        link.open();
        return link;
    }

    /** One connection, as the one who made it has it. */
    private final class Channel implements PeerChannel, SimLink.End {
        private final String to;
        private final Lane lane;
        private final FrameSplitter frames = new FrameSplitter(this::onFrame);
        private @Nullable FramedLink owner;
        private @Nullable SimLink link;
        private boolean full;
        private boolean closed;

        Channel(String to, Lane lane) {
            this.to = to;
            this.lane = lane;
        }

        // ---- the link's port

        @Override
        public ByteBufAllocator allocator() {
            return UnpooledByteBufAllocator.DEFAULT;
        }

        @Override
        public void connect() {
            network.connect(life, host, to, this, this::onConnected, this::onRefused);
        }

        @Override
        public void write(ByteBuf frame) {
            byte[] bytes = new byte[frame.readableBytes()];
            frame.readBytes(bytes);
            frame.release();
            if (link != null && !closed) {
                link.write(SimLink.Side.CLIENT, planted.request(bytes));
            }
        }

        @Override
        public boolean isWritable() {
            SimLink open = link;
            if (open == null || open.unarrivedBytes(SimLink.Side.CLIENT) < FULL_BYTES) {
                return open != null;
            }
            if (!full) {
                full = true;
                pollWritable(open);
            }
            return false;
        }

        @Override
        public void close() {
            closed = true;
            if (link != null) {
                link.close(SimLink.Side.CLIENT);
            }
        }

        // ---- the network

        private void onConnected(SimLink made) {
            if (closed) {
                made.close(SimLink.Side.CLIENT);
                return;
            }
            link = made;
            tell(FramedLink::onConnected);
        }

        private void onRefused() {
            tell(told -> told.onDisconnected(new PeerEnd(PeerEnd.Cause.REFUSED, "connection refused")));
        }

        @Override
        public void onBytes(byte[] bytes) {
            if (!life.hasEnded()) {
                lane.execute(() -> {
                    if (!closed && owner != null) {
                        owner.onBytes();
                        frames.onBytes(bytes);
                    }
                });
            }
        }

        private void onFrame(byte[] frame) {
            if (!closed && owner != null) {
                owner.onFrame(Unpooled.wrappedBuffer(planted.answer(frame)));
            }
        }

        @Override
        public void onClosed() {
            tell(told -> told.onDisconnected(new PeerEnd(PeerEnd.Cause.LOST, "the connection was closed or broke")));
        }

        private void pollWritable(SimLink open) {
            kernel.after(Kernel.MILLI, life, open.name(), "is it writable", () -> {
                if (closed) {
                    return;
                }
                if (open.unarrivedBytes(SimLink.Side.CLIENT) < FULL_BYTES / 2) {
                    full = false;
                    tell(FramedLink::onWritable);
                } else {
                    pollWritable(open);
                }
            });
        }

        private void tell(java.util.function.Consumer<FramedLink> what) {
            if (life.hasEnded()) {
                return;
            }
            lane.execute(() -> {
                FramedLink told = owner;
                if (!closed && told != null) {
                    what.accept(told);
                }
            });
        }
    }
}
