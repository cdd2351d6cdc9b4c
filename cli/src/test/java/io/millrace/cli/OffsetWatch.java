package io.millrace.cli;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;

/** Looks all the time at what a group has committed: it is never less than what was confirmed to a member before, nor than it was. */
final class OffsetWatch implements AutoCloseable {
    private static final long TIMEOUT_MS = 30_000;

    private final Admin admin;
    private final String group;
    private final List<GroupMember> members;
    private final Thread thread;
    private SortedMap<Integer, Long> least = new TreeMap<>();
    private volatile boolean closing;
    private int looks;
    private Throwable failure;

    OffsetWatch(Admin admin, String group, List<GroupMember> members) {
        this.admin = admin;
        this.group = group;
        this.members = members;
        this.thread = new Thread(this::run, "offset-watch");
        thread.start();
    }

    /** What a group has committed, by partition of its only topic. */
    static SortedMap<Integer, Long> committed(Admin admin, String group)
            throws InterruptedException, ExecutionException {
        SortedMap<Integer, Long> committed = new TreeMap<>();
        admin.listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get()
                .forEach((partition, offset) -> committed.put(partition.partition(), offset.offset()));
        return committed;
    }

    private void run() {
        try {
            while (!closing) {
                look();
            }
        } catch (InterruptedException | ExecutionException | AssertionError e) {
            fail(e);
        }
    }

    private void look() throws InterruptedException, ExecutionException {
        for (GroupMember member : members) {
            member.committed().forEach((partition, offset) -> least.merge(partition, offset, Math::max));
        }
        SortedMap<Integer, Long> found = committed(admin, group);
        for (Map.Entry<Integer, Long> entry : least.entrySet()) {
            if (found.getOrDefault(entry.getKey(), -1L) < entry.getValue()) {
                throw new AssertionError("committed is " + found + ", and was " + least);
            }
        }
        least = found;
        synchronized (this) {
            looks++;
            notifyAll();
        }
    }

    private synchronized void fail(Throwable cause) {
        failure = cause;
        notifyAll();
    }

    /** Waits until it has looked so many times more. */
    synchronized void awaitLooks(int more) throws InterruptedException {
        int wanted = looks + more + 1; // the one under way may have begun before
        long untilNs = System.nanoTime() + TIMEOUT_MS * 1_000_000;
        while (looks < wanted) {
            long leftMs = (untilNs - System.nanoTime()) / 1_000_000;
            if (failure != null || leftMs <= 0) {
                throw new AssertionError("looked " + looks + " times", failure);
            }
            wait(leftMs);
        }
    }

    @Override
    public void close() throws InterruptedException {
        closing = true;
        thread.join();
        if (failure != null) {
            throw new AssertionError(failure);
        }
    }
}
