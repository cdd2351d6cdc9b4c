package io.millrace.simulation.network;

import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.kernel.Life;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The network between clients and a broker: opens links where somebody listens, and breaks them. */
public final class SimNetwork {
    /** Who listens. Makes the broker's end of a new link. */
    public interface Listener {
        SimLink.End onAccept(SimLink link);
    }

    private final Kernel kernel;
    private final Chance chance;
    private final List<SimLink> links = new ArrayList<>();
    private NetworkConditions conditions;
    private @Nullable Listener listener;
    private int opened;

    public SimNetwork(Kernel kernel, NetworkConditions conditions) {
        this.kernel = kernel;
        this.conditions = conditions;
        this.chance = kernel.chance("network");
    }

    public void conditions(NetworkConditions now) {
        conditions = now;
    }

    /** Says who listens from now on, or that nobody does. */
    public void listen(@Nullable Listener who) {
        listener = who;
    }

    /** Opens a link after a while, or reports that nobody listens. */
    public void connect(Life life, SimLink.End client, Consumer<SimLink> connected, Runnable refused) {
        String name = "link " + ++opened;
        kernel.after(conditions.drawDelayNs(chance), life, name, "connect", () -> {
            Listener who = listener;
            if (who == null) {
                refused.run();
                return;
            }
            Acceptor acceptor = new Acceptor();
            SimLink link = new SimLink(kernel, conditions, name, chance.split(), client, acceptor);
            acceptor.end = who.onAccept(link);
            links.removeIf(SimLink::isOver);
            links.add(link);
            connected.accept(link);
        });
    }

    /** The links that are not over, oldest first. */
    public List<SimLink> links() {
        links.removeIf(SimLink::isOver);
        return List.copyOf(links);
    }

    /** Ties the knot between a link and the end that is made for it. */
    private static final class Acceptor implements SimLink.End {
        private SimLink.@Nullable End end;

        @Override
        public void onBytes(byte[] bytes) {
            if (end != null) {
                end.onBytes(bytes);
            }
        }

        @Override
        public void onClosed() {
            if (end != null) {
                end.onClosed();
            }
        }
    }
}
