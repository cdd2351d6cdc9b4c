package io.millrace.cli;

import io.millrace.jms.admin.ClusterDescription.Partition;
import io.millrace.jms.admin.MillraceAdmin;
import io.millrace.protocol.DestinationKind;
import io.millrace.protocol.DestinationName;
import jakarta.jms.JMSException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Says on stderr what a send waits for when nothing was confirmed for some seconds: a partition that nobody leads, or of which too few replicas are
 * in sync. The client waits as silently as after any failover, and may do so for minutes. Has a thread of its own until its end.
 */
final class StallNotice {
    private static final long STEP_MS = 500;
    private static final int MOST_PARTITIONS = 5;
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(5);

    private final ClientOptions client;
    private final DestinationName destination;
    private final Confirmations confirmations;
    private final PrintWriter err;
    private final CountDownLatch ended = new CountDownLatch(1);
    private String last = "";

    private StallNotice(
            ClientOptions client, DestinationName destination, Confirmations confirmations, PrintWriter err) {
        this.client = client;
        this.destination = destination;
        this.confirmations = confirmations;
        this.err = err;
    }

    static StallNotice begin(
            ClientOptions client, DestinationName destination, Confirmations confirmations, PrintWriter err) {
        StallNotice notice = new StallNotice(client, destination, confirmations, err);
        Thread thread = new Thread(notice::watch, "stall-notice");
        thread.setDaemon(true);
        thread.start();
        return notice;
    }

    private void watch() {
        try {
            long answered = 0;
            long sinceNs = System.nanoTime();
            while (!ended.await(STEP_MS, TimeUnit.MILLISECONDS)) {
                long now = confirmations.answered();
                if (now != answered || !confirmations.isAnyOpen()) {
                    answered = now;
                    sinceNs = System.nanoTime();
                    last = "";
                } else if (System.nanoTime() - sinceNs >= PATIENCE_NS) {
                    say(reason());
                    sinceNs = System.nanoTime();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Each reason once. */
    private void say(String reason) {
        if (!reason.equals(last) && ended.getCount() > 0) {
            last = reason;
            err.print((Terminal.isStderr() ? "\r\033[K" : "") + "waiting: " + reason + "\n");
            err.flush();
        }
    }

    private String reason() {
        try (MillraceAdmin admin = client.admin()) {
            return reason(destination, admin.describeCluster().partitions()) + "; given up "
                    + TimeUnit.MILLISECONDS.toSeconds(client.factory().getReconnectTimeout())
                    + " s after it was sent (reconnectTimeout in --url)";
        } catch (JMSException | CommandException e) {
            return Failures.line(e);
        }
    }

    /** What keeps durable messages from being taken. */
    static String reason(DestinationName destination, List<Partition> all) {
        List<String> reasons = new ArrayList<>();
        for (Partition partition : all) {
            boolean isOwn = partition.destination().equals(destination.name())
                    && partition.isQueue() == (destination.kind() == DestinationKind.QUEUE);
            String name = "partition " + partition.index();
            if (isOwn && partition.isOffline()) {
                reasons.add(name + " has no leader, since none of its replicas in sync lives: brokers "
                        + joined(partition.inSync()));
            } else if (isOwn && partition.isBelowMinInSync()) {
                reasons.add(name + " has " + partition.inSync().size() + " of the " + partition.minInSync()
                        + " replicas in sync that it needs (" + joined(partition.inSync()) + " of "
                        + joined(partition.replicas()) + ")");
            }
        }
        if (reasons.isEmpty()) {
            return destination + ": no answer from its leader, or it can not reach ZooKeeper";
        }
        int more = reasons.size() - MOST_PARTITIONS;
        return destination + ": " + reasons.stream().limit(MOST_PARTITIONS).collect(Collectors.joining("; "))
                + (more > 0 ? "; and so for " + more + " more" : "");
    }

    private static String joined(List<Integer> ids) {
        return ids.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    void end() {
        ended.countDown();
    }
}
