package io.millrace.broker.disk;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** How many files the operating system lets this process have open, sockets among them, and what of that is for segments. */
public final class OpenFileLimit {
    /** What the process has open of its own: libraries, the journal, the embedded ZooKeeper, its first connections. */
    private static final long OWN = 256;

    /** The others are for what recovery, syncs and readers hold beside the partitions, three quarters at most, and for sockets. */
    private static final long SEGMENTS_ONE_IN = 4;

    private static final long LEAST_OF_SEGMENTS = 32;
    private static final long UNKNOWN = -1;

    private OpenFileLimit() {}

    /** How many files of segments the partitions may hold open. */
    public static int ofSegments() {
        return ofSegments(ofProcess());
    }

    static int ofSegments(long ofProcess) {
        return ofProcess == UNKNOWN
                ? Integer.MAX_VALUE
                : (int) Math.min(Integer.MAX_VALUE, Math.max(LEAST_OF_SEGMENTS, (ofProcess - OWN) / SEGMENTS_ONE_IN));
    }

    /** What an operator does about too few of them. */
    static String hint() {
        long limit = ofProcess();
        return "the operating system lets this process have "
                + (limit == UNKNOWN ? "no more" : limit + " open")
                + " files, sockets among them: raise the limit (ulimit -n, LimitNOFILE of systemd) and start the broker again";
    }

    private static long ofProcess() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : UNKNOWN;
    }
}
