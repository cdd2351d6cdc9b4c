package io.millrace.broker.peer;

/**
 * Why a link ended. Immutable.
 *
 * @param message in words, for logs
 */
public record PeerEnd(Cause cause, String message) {
    /** What ends a link. */
    public enum Cause {
        /** The other machine answers that no process listens there. */
        REFUSED,
        /** It could not be connected to, and nobody said why: no route, an unknown name, silence. */
        UNREACHABLE,
        /** The connection was closed or reset by the other end. */
        LOST,
        /** Nothing came for too long. */
        SILENT,
        /** The other end does not take this broker for a peer, or is not the broker that was meant. */
        REJECTED,
        /** The other end sent what can not be read. */
        MALFORMED,
        /** This broker closed it. */
        CLOSED
    }

    @Override
    public String toString() {
        return message;
    }
}
