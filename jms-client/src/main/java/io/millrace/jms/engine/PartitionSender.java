package io.millrace.jms.engine;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.SendRequestData;
import io.millrace.protocol.message.SendResponseData;
import io.millrace.protocol.record.RecordBatch;
import io.millrace.protocol.record.RecordBatchWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.List;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * The connection's idempotent producer on one partition (KIP-98): messages in order, in batches, a few of them under way.
 *
 * <p>While a batch is under way messages gather for the next one. A batch whose answer got lost is sent again under the
 * same sequence: the broker either appends it or says that it has it. A batch that is refused for good leaves a hole in
 * the sequences, and so does a broker that lost batches which were not durable: then the batches behind the hole are
 * refused too, which proves that they are not in the log, and they go out again under a new epoch, from sequence 0. No
 * sequence is ever used for two different batches of one epoch.
 *
 * <p>Invariants: batches under way are sent in their order; nothing new is sent while a batch has to be sent again.
 * Owned by the engine.
 */
final class PartitionSender {
    /** Batches under way beyond which nothing is sent; brokers know at least this many sequences back. */
    static final int MAX_IN_FLIGHT = 5;

    /** Batches sent without waiting for more messages to join. */
    private static final int EAGER_IN_FLIGHT = 2;

    /** Bytes that make a batch worth sending beside the eager ones. */
    private static final int FULL_BATCH_BYTES = 32 * 1024;

    /** Bytes of a Send request around its batch, at most. */
    private static final int REQUEST_OVERHEAD_BYTES = 256;

    private final Context context;
    private final Route route;
    private final Owner owner;
    private final ArrayDeque<PendingSend> queue = new ArrayDeque<>();
    private final ArrayDeque<SendBatch> inFlight = new ArrayDeque<>();
    private long queuedBytes;
    private int unanswered;
    private int epochsAhead;
    private int nextSequence;
    private long retryingSinceMs = -1;
    private boolean isRecovering;
    private boolean hasGap;

    /** Whether the engine has it on its list of senders to pump at the end of the turn. */
    boolean isDirty;

    /** What a sender asks of the engine. */
    interface Owner {
        /** Call {@link #pump} at the end of the turn. */
        void pumpLater(PartitionSender sender);

        /** The broker does not serve the partition as it should: look for its leader again. */
        void onStale(Route route);

        /** Asks a partition's leader itself whether it leads, and in which epoch. */
        void askLeader(Route route, Link link);
    }

    PartitionSender(Context context, Route route, Owner owner) {
        this.context = context;
        this.route = route;
        this.owner = owner;
    }

    Route route() {
        return route;
    }

    boolean isIdle() {
        return queue.isEmpty() && inFlight.isEmpty();
    }

    void add(PendingSend send) {
        int size = send.sizeBytes() + RecordBatch.HEADER_BYTES;
        Link link = route.link;
        if (size > route.destination.maxMessageBytes()) {
            refuseSize(
                    send,
                    size,
                    route.destination.name() + " takes",
                    "max.message.bytes",
                    route.destination.maxMessageBytes());
        } else if (link != null && size + REQUEST_OVERHEAD_BYTES > link.maxFrameBytes()) {
            refuseSize(send, size, "the broker reads", "max.frame.bytes", link.maxFrameBytes());
        } else {
            queue.add(send);
            queuedBytes += send.sizeBytes();
        }
    }

    private static void refuseSize(PendingSend send, int size, String who, String key, int limit) {
        send.onFailed(new EngineException(
                ErrorCode.MESSAGE_TOO_LARGE,
                "a message of " + size + " bytes is larger than " + who + ": " + key + " is " + limit));
    }

    /** Takes back a message that has no sequence yet. Returns false if it may have reached the broker. */
    boolean cancel(PendingSend send) {
        if (send.isBatched() || !queue.remove(send)) {
            return false;
        }
        queuedBytes -= send.sizeBytes();
        return true;
    }

    /** Sends what may be sent now. */
    void pump() {
        Link link = route.link;
        boolean mustRecover = isRecovering || (hasGap && inFlight.isEmpty());
        if (link == null || (mustRecover && !recover(link))) {
            return;
        }
        while (!queue.isEmpty() && mayBatch()) {
            SendBatch batch = nextBatch(link);
            inFlight.add(batch);
            send(link, batch);
        }
    }

    private boolean mayBatch() {
        int batches = inFlight.size();
        return batches < EAGER_IN_FLIGHT || (batches < MAX_IN_FLIGHT && queuedBytes >= FULL_BATCH_BYTES);
    }

    private SendBatch nextBatch(Link link) {
        int accepted = Math.min(route.destination.maxMessageBytes(), link.maxFrameBytes() - REQUEST_OVERHEAD_BYTES);
        int limit = Math.min(context.config.maxBatchBytes(), accepted - RecordBatch.HEADER_BYTES);
        SendBatch batch = new SendBatch();
        do {
            PendingSend send = queue.remove();
            queuedBytes -= send.sizeBytes();
            batch.add(send);
        } while (!queue.isEmpty()
                && queue.element().isDurable() == batch.isDurable()
                && batch.sizeBytes + queue.element().sizeBytes() <= limit);
        sequence(batch);
        return batch;
    }

    private void sequence(SendBatch batch) {
        batch.epoch = (short) (context.producerEpoch + epochsAhead);
        batch.baseSequence = nextSequence;
        nextSequence = (nextSequence + batch.sends.size()) & Integer.MAX_VALUE;
    }

    private void send(Link link, SendBatch batch) {
        batch.mark = SendBatch.Mark.NONE;
        unanswered++;
        link.call(new Send(batch));
    }

    /** Sends again what has to be, once every answer is there. Returns whether new batches may follow. */
    private boolean recover(Link link) {
        if (unanswered > 0) {
            return false;
        }
        if (mustHearTheLeader(link)) {
            owner.askLeader(route, link);
            return false;
        }
        SendBatch oldest = inFlight.peek();
        if (oldest == null ? hasGap : oldest.mark == SendBatch.Mark.REJECTED) {
            if (context.producerEpoch + epochsAhead >= Short.MAX_VALUE) {
                // An epoch that begins again would make new batches look like old ones: better refuse than lose.
                failAll(
                        new EngineException(
                                ErrorCode.INVALID_PRODUCER_EPOCH,
                                "so many sends were refused that this connection's producer id is used up; make a new connection"));
                return false;
            }
            epochsAhead++;
            nextSequence = 0;
            hasGap = false;
            inFlight.forEach(this::sequence);
        }
        isRecovering = false;
        for (SendBatch batch : inFlight) {
            send(link, batch);
        }
        return true;
    }

    /**
     * Another leader, or the same one after a restart, may have lost batches that were not durable together with its memory of them:
     * one whose answer is missing would be taken for a new one, and a message that somebody has consumed would come twice. It may be
     * lost, so it is not sent again. One that was refused is in no log.
     */
    void onNewLeader() {
        for (SendBatch batch : List.copyOf(inFlight)) {
            if (!batch.isDurable() && batch.mark == SendBatch.Mark.RETRY && batch.isOutcomeUnknown) {
                giveToChance(batch);
            }
        }
    }

    /** A message that the leader may have had, and lost in a restart of which others know nothing yet, must not come twice. */
    private boolean mustHearTheLeader(Link link) {
        return route.epochSaidOver != link
                && inFlight.stream().anyMatch(batch -> !batch.isDurable() && batch.isOutcomeUnknown);
    }

    private void giveToChance(SendBatch batch) {
        remove(batch);
        hasGap = true;
        batch.sends.forEach(PendingSend::onSent);
    }

    /** The topic was deleted and made anew: nothing of what was under way is there. */
    void onNewTopic() {
        ArrayDeque<PendingSend> again = new ArrayDeque<>();
        for (SendBatch batch : inFlight) {
            batch.isAbandoned = true;
            again.addAll(batch.sends);
        }
        again.forEach(send -> queuedBytes += send.sizeBytes());
        again.addAll(queue);
        queue.clear();
        queue.addAll(again);
        inFlight.clear();
        unanswered = 0;
        nextSequence = 0;
        isRecovering = false;
        hasGap = false;
    }

    void failAll(EngineException cause) {
        ArrayDeque<PendingSend> failed = new ArrayDeque<>();
        for (SendBatch batch : inFlight) {
            batch.isAbandoned = true;
            failed.addAll(batch.sends);
        }
        hasGap |= !inFlight.isEmpty();
        isRecovering |= hasGap;
        failed.addAll(queue);
        queue.clear();
        queuedBytes = 0;
        inFlight.clear();
        unanswered = 0;
        failed.forEach(send -> send.onFailed(cause));
    }

    /** There will be no answer: it has to be sent again, unless another leads meanwhile who would not know it again. */
    private void onLost(SendBatch batch, int leaderEpoch) {
        if (batch.isAbandoned) {
            return;
        }
        unanswered--;
        isRecovering = true;
        owner.pumpLater(this);
        if (batch.isDurable() || leaderEpoch == route.leaderEpoch) {
            batch.isOutcomeUnknown = true;
            batch.mark = SendBatch.Mark.RETRY;
        } else {
            giveToChance(batch);
        }
    }

    private void onAnswer(SendBatch batch, ErrorCode code, EngineException failure) {
        if (batch.isAbandoned) {
            return;
        }
        unanswered--;
        owner.pumpLater(this);
        switch (code) {
            case NONE, DUPLICATE_SEQUENCE_NUMBER -> {
                retryingSinceMs = -1;
                route.destination.backoffMs = 0;
                route.destination.isServed = true;
                remove(batch);
                batch.sends.forEach(PendingSend::onSent);
            }
            case OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_PRODUCER_EPOCH, UNKNOWN_PRODUCER_ID -> {
                if (batch.baseSequence == 0 && batch == inFlight.peek()) {
                    refuse(batch, failure);
                } else {
                    batch.mark = SendBatch.Mark.REJECTED;
                    isRecovering = true;
                }
            }
            default -> {
                if (failure.isTransient() && mayRetry()) {
                    batch.mark = SendBatch.Mark.RETRY;
                    isRecovering = true;
                    owner.onStale(route);
                } else {
                    refuse(batch, code == ErrorCode.KAFKA_STORAGE_ERROR ? unknown(failure) : failure);
                }
            }
        }
    }

    private static EngineException unknown(EngineException failure) {
        return new EngineException(
                failure.code(), failure.getMessage() + "; whether the broker has the message is unknown");
    }

    private boolean mayRetry() {
        if (retryingSinceMs < 0) {
            retryingSinceMs = context.nowMs;
        }
        return context.nowMs - retryingSinceMs < context.config.timeouts().reconnectMs();
    }

    private void refuse(SendBatch batch, EngineException failure) {
        remove(batch);
        hasGap = true;
        isRecovering = true;
        batch.sends.forEach(send -> send.onFailed(failure));
    }

    private void remove(SendBatch batch) {
        if (inFlight.peek() == batch) {
            inFlight.remove();
        } else {
            inFlight.remove(batch);
        }
    }

    /** A Send request: the batch as it is now. */
    private final class Send extends Call {
        private final SendBatch batch;
        private final int leaderEpoch = route.leaderEpoch;

        Send(SendBatch batch) {
            this.batch = batch;
        }

        @Override
        ApiMessage request() {
            ByteBuf bytes = Unpooled.buffer(RecordBatch.HEADER_BYTES + batch.sizeBytes);
            RecordBatchWriter.write(bytes, context.producerId, batch.epoch, batch.baseSequence, batch.records);
            return new SendRequestData()
                    .setTopicId(route.destination.topicId)
                    .setPartition(route.index)
                    .setDurable(batch.isDurable())
                    .setRecords(bytes.nioBuffer());
        }

        @Override
        ApiMessage newResponse() {
            return new SendResponseData();
        }

        @Override
        void onResponse(ApiMessage response) {
            SendResponseData answer = (SendResponseData) response;
            ErrorCode code = ErrorCode.of(answer.errorCode());
            onAnswer(batch, code, EngineException.answered(code, answer.errorMessage()));
        }

        @Override
        void onLost() {
            PartitionSender.this.onLost(batch, leaderEpoch);
        }
    }
}
