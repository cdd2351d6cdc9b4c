package io.millrace.jms.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The calls that any broker answers. Each is sent to the oldest link, and when the broker says that it is cut off from the cluster, and so has
 * done nothing, to the next one; when all have said so, again after a pause, up to the time limit for requests. Owned by the engine.
 */
final class AnyCalls {
    private final Context context;
    private final Brokers brokers;

    /** Those that wait for a link. */
    private final ArrayDeque<AnyCall<?>> parked = new ArrayDeque<>();

    /** Those that every broker within reach has sent on. */
    private final List<AnyCall<?>> paused = new ArrayList<>();

    private long retryAtMs = Long.MAX_VALUE;

    AnyCalls(Context context, Brokers brokers) {
        this.context = context;
        this.brokers = brokers;
    }

    /** Sends a call, now or when there is a link. */
    void ask(AnyCall<?> call) {
        Link link = next(call);
        if (link != null) {
            send(call, link);
        } else if (brokers.anyReady() == null) {
            parked.add(call);
        } else {
            pause(call);
        }
    }

    private static void send(AnyCall<?> call, Link link) {
        call.asked = link;
        link.call(call);
    }

    /** The link behind the one that was asked last whose broker has not sent the call on. */
    private @Nullable Link next(AnyCall<?> call) {
        Link asked = call.asked;
        if (asked == null) {
            return brokers.anyReady();
        }
        Link link = brokers.readyAfter(asked.brokerId());
        for (int i = brokers.ready().size(); i > 0 && link != null; i--) {
            if (!call.sentOnBy.contains(link.brokerId())) {
                return link;
            }
            link = brokers.readyAfter(link.brokerId());
        }
        return null;
    }

    /** A broker did not do what it was asked to, since it is cut off from the cluster. */
    void onSentOn(AnyCall<?> call, EngineException cause) {
        if (call.sentOnSinceMs < 0) {
            call.sentOnSinceMs = context.nowMs;
        }
        Link link = next(call);
        if (link != null) {
            send(call, link);
        } else if (context.nowMs - call.sentOnSinceMs
                >= context.config.timeouts().requestMs()) {
            call.onFailed(cause);
        } else {
            pause(call);
        }
    }

    private void pause(AnyCall<?> call) {
        brokers.lookFurther();
        call.sentOnBy.clear();
        call.backoffMs = context.config.timeouts().nextBackoffMs(call.backoffMs);
        retryAtMs = Math.min(retryAtMs, context.nowMs + call.backoffMs);
        paused.add(call);
    }

    void onLinkReady(Link link) {
        while (link.isReady() && !parked.isEmpty()) {
            ask(parked.remove());
        }
    }

    void onTick() {
        if (retryAtMs <= context.nowMs) {
            retryAtMs = Long.MAX_VALUE;
            List<AnyCall<?>> due = List.copyOf(paused);
            paused.clear();
            due.forEach(this::ask);
        }
    }

    /** When {@link #onTick} has something to do next. */
    long deadlineMs() {
        return retryAtMs;
    }

    void failAll(EngineException cause) {
        parked.addAll(paused);
        paused.clear();
        while (!parked.isEmpty()) {
            parked.remove().onFailed(cause);
        }
    }
}
