package io.millrace.broker.kafka;

import io.millrace.broker.session.ConnectionSession;
import io.millrace.broker.session.HostedPartition;
import io.millrace.broker.session.Request;
import java.util.List;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;

/**
 * One Fetch on its way: reads the partitions one after the other, in the order of the request, each with what is left of the bytes asked
 * for; answers if that is enough, or parks on all of them and reads again when one has more, until the time is up.
 *
 * <p>Owned by the connection's lane.
 */
final class FetchOperation {
    /** The most bytes of one answer, whatever the client asks for; Kafka's limit. */
    private static final int MAX_BYTES = 55 * 1024 * 1024;

    private final Request request;
    private final ConnectionSession session;
    private final FetchRequestData message;
    private final FetchResponseData response;
    private final List<FetchedPartition> partitions;
    private final int maxBytes;
    private final int minBytes;
    private final long deadlineMs;

    /** The partition to be read next. */
    private int next;
    /** Bytes read in this round. */
    private int bytes;
    /** Counts the rounds, so that a late wake of an earlier one is passed over. */
    private int round;

    FetchOperation(
            Request request,
            FetchRequestData message,
            FetchResponseData response,
            List<FetchedPartition> partitions,
            long nowMs) {
        this.request = request;
        this.session = request.session();
        this.message = message;
        this.response = response;
        this.partitions = partitions;
        this.maxBytes = Math.max(0, Math.min(message.maxBytes(), MAX_BYTES));
        this.minBytes = Math.min(message.minBytes(), maxBytes);
        this.deadlineMs = nowMs + Math.max(0, message.maxWaitMs());
    }

    void begin() {
        request.onAbandoned(this::onAbandoned);
        read(session.lane().nowMs());
    }

    private void read(long nowMs) {
        next = 0;
        bytes = 0;
        readOn(nowMs);
    }

    private void readOn(long nowMs) {
        while (next < partitions.size()) {
            FetchedPartition fetched = partitions.get(next);
            HostedPartition hosted = fetched.hosted();
            if (hosted == null) {
                next++;
            } else if (hosted.lane().inLane()) {
                accept(fetched, fetched.read(hosted.partition(), maxBytes - bytes, nowMs));
            } else {
                int limit = maxBytes - bytes;
                hosted.lane().execute(() -> {
                    FetchedPartition.Outcome outcome = fetched.read(hosted.partition(), limit, nowMs);
                    session.onLane(() -> {
                        accept(fetched, outcome);
                        if (request.isOpen()) {
                            readOn(nowMs);
                        } else {
                            release();
                        }
                    });
                });
                return;
            }
        }
        answerOrWait(nowMs);
    }

    private void accept(FetchedPartition fetched, FetchedPartition.Outcome outcome) {
        fetched.accept(outcome, maxBytes - bytes, bytes == 0, message.isolationLevel());
        bytes += fetched.bytes();
        next++;
    }

    private void answerOrWait(long nowMs) {
        boolean enough = bytes >= minBytes || partitions.isEmpty() || nowMs >= deadlineMs;
        if (enough
                || partitions.stream()
                        .anyMatch(fetched -> fetched.failed() || fetched.diverges() || fetched.endsEarly())) {
            partitions.forEach(FetchedPartition::give);
            request.answer(response);
        } else {
            park();
        }
    }

    /** Waits for what is missing on whichever partition gets it; with several, for a share, since all of them count together. */
    private void park() {
        round++;
        int parkedRound = round;
        int missing = Math.max(1, (minBytes - bytes) / partitions.size());
        for (FetchedPartition fetched : partitions) {
            int wanted = fetched.bytes() + missing;
            fetched.release();
            fetched.park(session, wanted, deadlineMs, () -> onWake(parkedRound));
        }
    }

    /** On the lane of the partition that woke, and in the middle of its work. */
    private void onWake(int parkedRound) {
        Runnable again = () -> session.guarded(() -> readAgain(parkedRound));
        if (session.lane().inLane()) {
            session.lane().endOfTurn(again);
        } else {
            session.lane().execute(again);
        }
    }

    private void readAgain(int parkedRound) {
        if (round == parkedRound && request.isOpen()) {
            round++;
            partitions.forEach(fetched -> fetched.unpark(session));
            read(session.lane().nowMs());
        }
    }

    private void onAbandoned() {
        partitions.forEach(fetched -> fetched.unpark(session));
        release();
    }

    private void release() {
        partitions.forEach(FetchedPartition::release);
    }
}
