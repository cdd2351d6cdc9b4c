package io.millrace.simulation.network;

import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.kernel.Life;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The network between hosts: opens links where somebody listens, and breaks them. The way from one host to another may be cut, each direction by
 * itself: then nothing gets through, and nobody is told.
 */
public final class SimNetwork {
    /** After what time somebody who connects knocks again. */
    private static final long KNOCK_NS = 100 * Kernel.MILLI;
    /** So often at most: after that whoever connects has given up. */
    private static final int KNOCKS = 100;

    private final Kernel kernel;
    private final Chance chance;
    private final List<SimLink> links = new ArrayList<>();
    private final Map<String, Listener> listeners = new TreeMap<>();
    private final Set<Way> cuts = new TreeSet<>();
    private final Set<String> silent = new TreeSet<>();
    private final Set<String> refusing = new TreeSet<>();
    private NetworkConditions conditions;
    private int opened;

    /** Who listens. Makes the broker's end of a new link. */
    public interface Listener {
        SimLink.End onAccept(SimLink link);
    }

    /** One direction between two hosts. */
    private record Way(String from, String to) implements Comparable<Way> {
        @Override
        public int compareTo(Way other) {
            int byFrom = from.compareTo(other.from);
            return byFrom != 0 ? byFrom : to.compareTo(other.to);
        }
    }

    public SimNetwork(Kernel kernel, NetworkConditions conditions) {
        this.kernel = kernel;
        this.conditions = conditions;
        this.chance = kernel.chance("network");
    }

    public void conditions(NetworkConditions now) {
        conditions = now;
    }

    /** Says who listens on a host from now on, or that nobody does. */
    public void listen(String host, @Nullable Listener who) {
        if (who == null) {
            listeners.remove(host);
        } else {
            listeners.put(host, who);
        }
    }

    // ---- cuts

    /** Lets nothing through from one host to another. */
    public void cut(String from, String to) {
        kernel.note("network", "is cut from " + from + " to " + to);
        cuts.add(new Way(from, to));
    }

    /** Ends a cut. */
    public void heal(String from, String to) {
        if (cuts.remove(new Way(from, to))) {
            kernel.note("network", "is whole again from " + from + " to " + to);
        }
    }

    /** Ends all cuts, and lets every host listen again. */
    public void healAll() {
        cuts.clear();
        refusing.clear();
    }

    /** Says that a host refuses whoever connects, as behind a packet filter, though somebody listens. */
    public void refuse(String host, boolean refuses) {
        kernel.note("network", refuses ? "refuses connections to " + host : "lets connections through to " + host);
        if (refuses) {
            refusing.add(host);
        } else {
            refusing.remove(host);
        }
    }

    /** Breaks all links between two hosts. */
    public void breakBetween(String one, String other) {
        linksOf(one).stream().filter(link -> link.isOf(other)).forEach(SimLink::breakNow);
    }

    /** Says that a host is off: it does not even refuse. */
    public void silence(String host, boolean isSilent) {
        if (isSilent) {
            silent.add(host);
        } else {
            silent.remove(host);
        }
    }

    /** Whether bytes get through from one host to another at the moment. */
    public boolean reaches(String from, String to) {
        return !silent.contains(from) && !silent.contains(to) && !cuts.contains(new Way(from, to));
    }

    // ---- links

    /** Opens a link after a while, or reports that nobody listens; reports nothing if nothing gets through. */
    public void connect(
            Life life, String from, String to, SimLink.End client, Consumer<SimLink> connected, Runnable refused) {
        Attempt attempt = new Attempt(life, from, to, "link " + ++opened, client, connected, refused);
        kernel.after(conditions.drawDelayNs(chance), life, attempt.name, "connect", attempt::knock);
    }

    /** The links that are not over, oldest first. */
    public List<SimLink> links() {
        links.removeIf(SimLink::isOver);
        return List.copyOf(links);
    }

    /** Those of them that have an end on a host. */
    public List<SimLink> linksOf(String host) {
        return links().stream().filter(link -> link.isOf(host)).toList();
    }

    /** Somebody who connects. */
    private final class Attempt {
        private final Life life;
        private final String from;
        private final String to;
        private final String name;
        private final SimLink.End client;
        private final Consumer<SimLink> connected;
        private final Runnable refused;
        private int knocks;

        Attempt(
                Life life,
                String from,
                String to,
                String name,
                SimLink.End client,
                Consumer<SimLink> connected,
                Runnable refused) {
            this.life = life;
            this.from = from;
            this.to = to;
            this.name = name;
            this.client = client;
            this.connected = connected;
            this.refused = refused;
        }

        void knock() {
            if (!reaches(from, to) || !reaches(to, from)) {
                if (++knocks < KNOCKS) {
                    kernel.after(KNOCK_NS, life, name, "connect", this::knock);
                }
                return;
            }
            Listener who = listeners.get(to);
            if (who == null || refusing.contains(to)) {
                refused.run();
                return;
            }
            Acceptor acceptor = new Acceptor();
            SimLink.Route route = new SimLink.Route(name, from, to, () -> reaches(from, to), () -> reaches(to, from));
            SimLink link = new SimLink(kernel, conditions, route, chance.split(), client, acceptor);
            acceptor.end = who.onAccept(link);
            links.removeIf(SimLink::isOver);
            links.add(link);
            connected.accept(link);
        }
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
