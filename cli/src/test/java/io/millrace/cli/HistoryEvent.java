package io.millrace.cli;

import java.util.Locale;

/**
 * One line of a {@link History}. Immutable.
 *
 * @param number its place in the order of all events
 * @param operation the number of the event that began the operation
 * @param atNs since the history began
 * @param process who did it: one producer or consumer
 * @param place a destination for sends, a subscription (or queue) for receives and settlements, a partition for the log
 * @param value what was sent or received; its producer and number, as {@code PRODUCER:NUMBER}
 * @param offset in the log, or -1
 * @param count how often the message was delivered, as JMSXDeliveryCount says, or 0
 */
record HistoryEvent(
        long number,
        long operation,
        long atNs,
        String process,
        Action action,
        Phase phase,
        String place,
        String value,
        long offset,
        int count) {
    /** What is done. */
    enum Action {
        SUBSCRIBE,
        SEND,
        RECEIVE,
        SETTLE,
        APPEND,
        READ,
        READ_ALL
    }

    /** How far it is: begun; done; not done; or ended in a way that leaves open whether it was done. */
    enum Phase {
        INVOKE,
        OK,
        FAIL,
        UNKNOWN
    }

    /** Who made the value. */
    String producer() {
        return value.substring(0, value.lastIndexOf(':'));
    }

    /** Which of its producer's values it is. */
    long sequence() {
        return Long.parseLong(value.substring(value.lastIndexOf(':') + 1));
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "#%d %.3f s %s: %s %s %s at %s%s%s",
                number,
                atNs / 1e9,
                process,
                action.name().toLowerCase(Locale.ROOT),
                phase.name().toLowerCase(Locale.ROOT),
                value,
                place,
                offset < 0 ? "" : ", offset " + offset,
                count == 0 ? "" : ", delivery " + count);
    }
}
