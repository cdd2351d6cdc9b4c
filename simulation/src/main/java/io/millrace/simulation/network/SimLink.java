package io.millrace.simulation.network;

import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.kernel.Life;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.function.BooleanSupplier;

/**
 * One connection between two ends, as TCP gives it: what one end writes reaches the other in its order, after a while, in pieces that
 * have nothing to do with the writes. It may break at any moment: what was under way in each direction is lost from some point on, and
 * each end learns of it when it does: at once, or much later.
 */
public final class SimLink {
    /** What an end is told. The calls come from the kernel, never from within a call of the link. */
    public interface End {
        void onBytes(byte[] bytes);

        /** The connection is gone: the other end closed it and all it wrote was delivered, or it broke. Nothing follows. */
        void onClosed();
    }

    /** Which end. */
    public enum Side {
        CLIENT,
        BROKER;

        Side other() {
            return this == CLIENT ? BROKER : CLIENT;
        }
    }

    /**
     * From where to where a link goes.
     *
     * @param client the host of the one who connects
     * @param broker the host of the one who listens
     * @param toBroker whether bytes get through to the broker at the moment
     * @param toClient whether they get through to the client
     */
    record Route(String name, String client, String broker, BooleanSupplier toBroker, BooleanSupplier toClient) {}

    /** Bytes under way. */
    private static final class Written {
        private final byte[] bytes;
        private final long atNs;

        Written(byte[] bytes, long atNs) {
            this.bytes = bytes;
            this.atNs = atNs;
        }
    }

    /** After what time at most bytes that did not get through are sent again. */
    private static final long LONGEST_RETRANSMIT_NS = 200 * Kernel.MILLI;

    private final Kernel kernel;
    private final NetworkConditions conditions;
    private final Route route;
    private final String name;
    private final Chance chance;
    private final Direction toBroker;
    private final Direction toClient;
    private boolean broken;
    private boolean losesAnswer;
    private boolean isAsked;
    private Runnable onEnd = () -> {};

    SimLink(Kernel kernel, NetworkConditions conditions, Route route, Chance chance, End client, End broker) {
        this.kernel = kernel;
        this.conditions = conditions;
        this.route = route;
        this.name = route.name;
        this.chance = chance;
        this.toBroker = new Direction(Side.BROKER, broker, route.toBroker);
        this.toClient = new Direction(Side.CLIENT, client, route.toClient);
    }

    /** Whether the connection has an end on that host. */
    boolean isOf(String host) {
        return route.client.equals(host) || route.broker.equals(host);
    }

    /** The end that is on that host. */
    public Side sideOf(String host) {
        return route.broker.equals(host) ? Side.BROKER : Side.CLIENT;
    }

    /** When what an end takes at this moment was written. */
    public long writtenNs(Side to) {
        return towards(to).takenWrittenNs;
    }

    public String name() {
        return name;
    }

    /** Tells somebody, once, when the link is good for nothing any more, whether its ends know or not. */
    public void onEnd(Runnable told) {
        onEnd = told;
    }

    /** Takes bytes from one end. */
    public void write(Side from, byte[] bytes) {
        kernel.trace().content(bytes);
        kernel.note(name, from == Side.CLIENT ? "client writes" : "broker writes", bytes.length);
        if (losesAnswer && isAsked && from == Side.BROKER) {
            losesAnswer = false;
            kernel.note(name, "loses an answer");
            breakNow();
            return;
        }
        isAsked |= losesAnswer && from == Side.CLIENT;
        towards(from.other()).write(bytes);
    }

    /** How many bytes one end wrote that have not arrived: what a socket's send buffer holds. */
    public int unarrivedBytes(Side from) {
        return towards(from.other()).unarrivedBytes;
    }

    /** Closes from one end: what it wrote before still arrives, and the other end then learns of the close. */
    public void close(Side from) {
        kernel.note(name, from == Side.CLIENT ? "client closes" : "broker closes");
        tellEnd();
        towards(from).ended = true;
        towards(from.other()).writeEnd();
    }

    /** Lets an end be told nothing more, as its process has died. The other end learns of the death as of a close or of a break. */
    public void die(Side side, boolean noticed) {
        if (noticed) {
            int lost = chance.below(3);
            if (lost > 0) {
                towards(side.other()).cut(chance);
            }
            close(side);
        } else {
            breakNow();
            towards(side).ended = true;
        }
    }

    /** Breaks: what is under way is lost from a drawn point on in each direction. */
    public void breakNow() {
        if (broken) {
            return;
        }
        broken = true;
        kernel.note(name, "breaks");
        tellEnd();
        toBroker.breakDown();
        toClient.breakDown();
    }

    /** Has what is on its way to an end arrive later, in its order. */
    public void hold(Side to, long forNs) {
        kernel.note(name, "holds what goes to " + to, forNs);
        towards(to).hold(forNs);
    }

    /** Breaks in place of the next answer of the broker to something that the client has yet to write. */
    public void loseNextAnswer() {
        losesAnswer = true;
        isAsked = false;
    }

    /** Breaks: the client knows as of any break, while all that it wrote arrives at the broker later, and then the end. */
    public void breakLate(long forNs) {
        if (broken) {
            return;
        }
        broken = true;
        kernel.note(name, "breaks, and lives on for the broker", forNs);
        tellEnd();
        toBroker.hold(forNs);
        toBroker.writeEnd();
        toClient.breakDown();
    }

    /** Whether neither end will be told anything more. */
    public boolean isOver() {
        return toBroker.ended && toClient.ended;
    }

    private void tellEnd() {
        Runnable told = onEnd;
        onEnd = () -> {};
        told.run();
    }

    private Direction towards(Side side) {
        return side == Side.BROKER ? toBroker : toClient;
    }

    /** The way to one end. */
    private final class Direction {
        private final Side to;
        private final End end;
        private final BooleanSupplier isOpen;
        private final Deque<Written> underWay = new ArrayDeque<>();
        private int unarrivedBytes;
        private long busyUntilNs;
        private long heldUntilNs;
        private long takenWrittenNs;
        private boolean closing;
        private boolean cut;
        private boolean ended;

        Direction(Side to, End end, BooleanSupplier isOpen) {
            this.to = to;
            this.end = end;
            this.isOpen = isOpen;
        }

        void write(byte[] bytes) {
            if (ended || closing || cut || broken || bytes.length == 0) {
                return;
            }
            underWay.add(new Written(bytes, kernel.nowNs()));
            unarrivedBytes += bytes.length;
            long arrivesNs = Math.max(busyUntilNs, kernel.nowNs() + conditions.drawDelayNs(chance));
            busyUntilNs = arrivesNs;
            kernel.after(arrivesNs - kernel.nowNs(), Life.WORLD, name, "to " + to, this::arrive);
        }

        void writeEnd() {
            if (!closing && !ended) {
                closing = true;
                long arrivesNs = Math.max(busyUntilNs, kernel.nowNs() + conditions.drawDelayNs(chance));
                kernel.after(arrivesNs - kernel.nowNs(), Life.WORLD, name, "end to " + to, this::arriveEnd);
            }
        }

        void hold(long forNs) {
            heldUntilNs = Math.max(heldUntilNs, kernel.nowNs() + forNs);
        }

        /** Loses what is under way from a drawn point on. */
        void cut(Chance by) {
            int kept = by.below(underWay.size() + 1);
            while (underWay.size() > kept) {
                unarrivedBytes -= underWay.removeLast().bytes.length;
            }
            if (!underWay.isEmpty() && by.chance(0.5)) {
                Written last = underWay.removeLast();
                byte[] part = Arrays.copyOf(last.bytes, by.below(Math.max(1, last.bytes.length)));
                unarrivedBytes -= last.bytes.length - part.length;
                underWay.addLast(new Written(part, last.atNs));
            }
            cut = true;
        }

        void breakDown() {
            if (ended) {
                return;
            }
            cut(chance);
            closing = true;
            long noticedNs = Math.max(busyUntilNs - kernel.nowNs(), 0) + conditions.drawNoticeNs(chance);
            kernel.after(noticedNs, Life.WORLD, name, "break noticed by " + to, this::end);
        }

        /** The end comes behind what was written, when it gets through. */
        private void arriveEnd() {
            if (!ended && (isHeld() || !isOpen.getAsBoolean() || !underWay.isEmpty())) {
                retransmit("end to " + to, this::arriveEnd);
            } else {
                end();
            }
        }

        private void retransmit(String what, Runnable again) {
            kernel.after(chance.between(Kernel.MILLI, LONGEST_RETRANSMIT_NS), Life.WORLD, name, what, again);
        }

        private boolean isHeld() {
            return kernel.nowNs() < heldUntilNs;
        }

        private void arrive() {
            if (!ended && isHeld()) {
                kernel.after(heldUntilNs - kernel.nowNs(), Life.WORLD, name, "to " + to, this::arrive);
                return;
            }
            if (!ended && !isOpen.getAsBoolean()) {
                retransmit("to " + to, this::arrive);
                return;
            }
            Written written = underWay.pollFirst();
            if (written == null) {
                return;
            }
            byte[] bytes = written.bytes;
            takenWrittenNs = written.atNs;
            unarrivedBytes -= bytes.length;
            if (ended) {
                return;
            }
            if (bytes.length > 1 && chance.chance(conditions.splitting())) {
                int first = 1 + chance.below(bytes.length - 1);
                end.onBytes(Arrays.copyOf(bytes, first));
                if (!ended) {
                    end.onBytes(Arrays.copyOfRange(bytes, first, bytes.length));
                }
            } else if (bytes.length > 0) {
                end.onBytes(bytes);
            }
        }

        private void end() {
            if (!ended) {
                ended = true;
                end.onClosed();
            }
        }
    }
}
