package io.millrace.broker.session;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What peers did wrong, in the log: one line for each cause, and then one a minute at most, with the number of those in between. For
 * any thread.
 */
public final class Complaints {
    private static final Logger LOG = LoggerFactory.getLogger(Complaints.class);
    private static final long QUIET_MS = 60_000;

    private final Map<String, Cause> causes = new ConcurrentHashMap<>();

    /** Says what a peer did, unless the same cause was spoken of within the last minute. */
    public void say(String cause, String peer, String what, long nowMs) {
        long repeats = repeats(cause, nowMs);
        if (repeats == 0) {
            LOG.atWarn().addKeyValue("peer", peer).log("{}: {}", cause, what);
        } else if (repeats > 0) {
            LOG.atWarn().addKeyValue("peer", peer).log("{}: {} ({} more since the last line)", cause, what, repeats);
        }
    }

    /** Says what is the broker's own fault, with its trace. */
    public void fault(String where, Throwable fault, long nowMs) {
        if (repeats("fault " + fault.getClass().getName(), nowMs) >= 0) {
            LOG.atError().setCause(fault).log("fault in the {}; the connection is closed", where);
        }
    }

    /** How often the cause came since it was last spoken of, or -1 if it is not to be spoken of now. */
    private long repeats(String name, long nowMs) {
        return causes.computeIfAbsent(name, key -> new Cause()).repeats(nowMs);
    }

    private static final class Cause {
        private long quietUntilMs = Long.MIN_VALUE;
        private long unsaid;

        synchronized long repeats(long nowMs) {
            if (nowMs < quietUntilMs) {
                unsaid++;
                return -1;
            }
            long repeats = unsaid;
            unsaid = 0;
            quietUntilMs = nowMs + QUIET_MS;
            return repeats;
        }
    }
}
