package io.millrace.simulation.broker;

import io.millrace.broker.metadata.MetadataStore;
import io.millrace.broker.metadata.StoreException;
import io.millrace.broker.metadata.StoreException.Reason;
import io.millrace.broker.metadata.StoreWrite;
import io.millrace.broker.metadata.StoredValue;
import io.millrace.simulation.check.PlantedBug;
import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.kernel.Life;
import io.millrace.simulation.network.SimNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A broker's way to the {@link SimEnsemble} under virtual time: calls are done after a drawn while, in their order. While nothing gets
 * through they wait, and fail when they have waited for long; a call whose answer was lost is made again, whether it was done or not. The
 * session ends with the broker's silence; the broker learns of that when it is connected again, or takes it for lost by itself after a while.
 */
final class SimMetadataStore implements MetadataStore {
    private static final long QUICKEST_NS = 50 * Kernel.MICRO;
    private static final long SLOWEST_NS = 30 * Kernel.MILLI;
    private static final long SLOWEST_WATCH_NS = 2 * Kernel.SECOND;
    private static final long PATIENCE_NS = 10 * Kernel.SECOND;
    private static final long RETRY_NS = 50 * Kernel.MILLI;
    private static final int HEARTBEATS_IN_SESSION = 6;

    private record Watch(String path, Consumer<String> changed) {}

    /** How the way to the ensemble is. */
    record Way(SimNetwork network, String host, double lateWatches, double lostAnswers, PlantedBug bug) {}

    private final Kernel kernel;
    private final Life life;
    private final String name;
    private final Chance chance;
    private final SimEnsemble ensemble;
    private final Way way;
    private final List<Watch> watches = new ArrayList<>();
    private final TreeMap<Long, Call<?>> calls = new TreeMap<>();
    private SimEnsemble.Session session;
    private @Nullable SessionListener listener;
    private long called;
    private long busyUntilNs;
    private long answeredNs;
    private long connectedNs;
    private long losesAfterNs;
    private boolean connected = true;
    private boolean isBehind;
    private boolean lost;
    private boolean closed;
    private boolean retryAsked;

    SimMetadataStore(Kernel kernel, Life life, String name, Chance chance, SimEnsemble ensemble, Way way) {
        this.kernel = kernel;
        this.life = life;
        this.name = name;
        this.chance = chance;
        this.ensemble = ensemble;
        this.way = way;
        this.session = ensemble.open(this::onChanged);
        this.connectedNs = kernel.nowNs();
        heartbeatLater();
    }

    // ---- the port

    @Override
    public void get(String path, Callback<Optional<StoredValue>> callback) {
        call(new Call<>("read", () -> Optional.ofNullable(ensemble.get(path)), callback));
    }

    @Override
    public void list(String path, Callback<List<StoredValue>> callback) {
        call(new Call<>("read", () -> ensemble.list(path), callback));
    }

    @Override
    public void write(List<StoreWrite> writes, Callback<List<Integer>> callback) {
        boolean planted = way.bug == PlantedBug.ELECT_OUT_OF_SYNC;
        List<StoreWrite> all = planted ? PlantedElection.of(writes, ensemble) : List.copyOf(writes);
        call(new Call<>("write", () -> writeOnce(all), callback));
    }

    /** As the real store does: what seems to be refused may have been done before its answer was lost. */
    private List<Integer> writeOnce(List<StoreWrite> writes) throws StoreException {
        try {
            return ensemble.write(writes, session);
        } catch (StoreException e) {
            if (e.reason() == Reason.EXISTS && writes.get(0) instanceof StoreWrite.Create create) {
                StoredValue present = ensemble.get(create.path());
                if (!create.text().isEmpty()
                        && present != null
                        && present.text().equals(create.text())) {
                    return writes.stream().map(write -> 0).toList();
                }
            }
            throw e;
        }
    }

    @Override
    public void watch(String path, Consumer<String> changed) {
        watches.add(new Watch(path, changed));
    }

    @Override
    public void onSession(SessionListener told) {
        listener = told;
    }

    @Override
    public int sessionTimeoutMs() {
        return ensemble.sessionMs();
    }

    @Override
    public void close() {
        closed = true;
        watches.clear();
        session.close();
    }

    // ---- calls

    private interface Done<T> {
        T run() throws StoreException;
    }

    /** One call, until it is answered. */
    private final class Call<T> {
        private final String what;
        private final Done<T> done;
        private final Callback<T> callback;
        private final long order = ++called;
        private final long deadlineNs = kernel.nowNs() + PATIENCE_NS;
        private long readyNs;

        Call(String what, Done<T> done, Callback<T> callback) {
            this.what = what;
            this.done = done;
            this.callback = callback;
        }

        void run() {
            @Nullable T value = null;
            @Nullable StoreException refusal = null;
            try {
                value = done.run();
            } catch (StoreException e) {
                refusal = e;
            }
            boolean isLost = what.equals("write") && chance.chance(way.lostAnswers);
            long halfNs = chance.skewed(QUICKEST_NS, SLOWEST_NS) / 2;
            answeredNs = Math.max(answeredNs, kernel.nowNs() + halfNs);
            T result = value;
            StoreException failure = refusal;
            kernel.after(answeredNs - kernel.nowNs(), life, name, "answer to a " + what, () -> {
                if (isLost || !isReachable()) {
                    again();
                } else if (failure != null) {
                    callback.onFailed(failure);
                } else if (result != null) {
                    callback.onDone(result);
                }
            });
        }

        /** Nobody knows whether it was done. */
        private void again() {
            kernel.note(name, "lost the answer to a " + what);
            calls.put(order, this);
            retryLater();
        }

        void fail() {
            callback.onFailed(new StoreException(Reason.UNAVAILABLE, "no connection to the ensemble"));
        }
    }

    private void call(Call<?> call) {
        long halfNs = chance.skewed(QUICKEST_NS, SLOWEST_NS) / 2;
        call.readyNs = Math.max(busyUntilNs, kernel.nowNs() + halfNs);
        busyUntilNs = call.readyNs;
        calls.put(call.order, call);
        // A call under way is done or not when its broker dies.
        kernel.after(call.readyNs - kernel.nowNs(), Life.WORLD, name, call.what, this::pump);
    }

    private void pump() {
        long nowNs = kernel.nowNs();
        while (!calls.isEmpty() && calls.firstEntry().getValue().readyNs <= nowNs) {
            if (life.hasEnded() && chance.chance(0.5)) {
                calls.clear();
                return;
            }
            boolean canBeDone = connected && isReachable() && !session.isExpired() && !lost;
            Call<?> call = calls.firstEntry().getValue();
            if (canBeDone) {
                calls.pollFirstEntry();
                call.run();
            } else if (life.hasEnded()) {
                return;
            } else if (call.deadlineNs <= nowNs) {
                calls.pollFirstEntry();
                kernel.after(0, life, name, "gives up a " + call.what, call::fail);
            } else {
                retryLater();
                return;
            }
        }
    }

    private void retryLater() {
        if (!retryAsked) {
            retryAsked = true;
            kernel.after(RETRY_NS, life, name, "tries again", () -> {
                retryAsked = false;
                pump();
            });
        }
    }

    private boolean isReachable() {
        return way.network.reaches(way.host, SimEnsemble.HOST) && way.network.reaches(SimEnsemble.HOST, way.host);
    }

    // ---- watches

    private void onChanged(String path) {
        for (Watch watch : watches) {
            if (path.equals(watch.path) || path.startsWith(watch.path.endsWith("/") ? watch.path : watch.path + "/")) {
                tell(watch, path);
            }
        }
    }

    private void tell(Watch watch, String path) {
        boolean late = chance.chance(way.lateWatches);
        kernel.after(chance.skewed(QUICKEST_NS, late ? SLOWEST_WATCH_NS : SLOWEST_NS), life, name, "watch", () -> {
            if (isReachable()) {
                watch.changed.accept(path);
            } else {
                isBehind = true; // and hears of all when it is connected again
            }
        });
    }

    // ---- the session

    private void heartbeatLater() {
        long everyNs = ensemble.sessionMs() * Kernel.MILLI / HEARTBEATS_IN_SESSION;
        kernel.after(chance.between(everyNs / 2, everyNs), life, name, "heartbeat", () -> {
            if (!closed) {
                heartbeat();
                heartbeatLater();
            }
        });
    }

    private void heartbeat() {
        long nowNs = kernel.nowNs();
        if (!isReachable()) {
            if (connected) {
                connected = false;
                kernel.note(name, "is disconnected");
                long sessionNs = ensemble.sessionMs() * Kernel.MILLI;
                losesAfterNs = chance.between(sessionNs, sessionNs * 5 / 3);
            }
            if (!lost && nowNs - connectedNs > losesAfterNs) {
                lose();
            }
            return;
        }
        if (!session.isExpired()) {
            session.hear();
        }
        kernel.after(chance.skewed(QUICKEST_NS, SLOWEST_NS), life, name, "answer to a heartbeat", this::onHeard);
    }

    /** The ensemble has answered: there is a session, or there is none any more. */
    private void onHeard() {
        if (closed || !isReachable()) {
            return;
        }
        if (session.isExpired() && !lost) {
            lose();
        }
        boolean wasLost = lost;
        boolean wasConnected = connected && !lost && !isBehind;
        isBehind = false;
        lost = false;
        connected = true;
        connectedNs = kernel.nowNs();
        if (wasLost) {
            session = ensemble.open(this::onChanged);
        }
        session.hear();
        if (!wasConnected) {
            kernel.note(name, "is connected again");
            List.copyOf(watches).forEach(watch -> tell(watch, watch.path));
        }
        if (wasLost && listener != null) {
            listener.onSessionOpened();
        }
    }

    private void lose() {
        kernel.note(name, "loses its session");
        lost = true;
        if (listener != null) {
            listener.onSessionLost();
        }
    }
}
