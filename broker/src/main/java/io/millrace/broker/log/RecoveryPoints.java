package io.millrace.broker.log;

import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/** The points of all logs as of the last checkpoint. For any thread: lanes read it, the checkpoint writes it. */
public final class RecoveryPoints {
    private final NavigableMap<LogKey, LogPoint> points;

    public RecoveryPoints() {
        this(Map.of());
    }

    public RecoveryPoints(Map<LogKey, LogPoint> points) {
        this.points = new ConcurrentSkipListMap<>(points);
    }

    public @Nullable LogPoint get(LogKey key) {
        return points.get(key);
    }

    public void put(LogKey key, LogPoint point) {
        points.put(key, point);
    }

    public void remove(LogKey key) {
        points.remove(key);
    }

    /** A copy, in the keys' order. */
    public NavigableMap<LogKey, LogPoint> copy() {
        return new java.util.TreeMap<>(points);
    }
}
