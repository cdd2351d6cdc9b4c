package io.millrace.broker.session;

/** Serves the requests of one API key. For all lanes at once: what belongs to a connection lies in its session. */
public interface ApiHandler {
    /**
     * Takes a request, on its connection's lane, and sees to it that it is answered once, now or later. The request's frame, and the byte
     * buffers that point into it, are valid until this returns; what is needed longer is retained or copied.
     *
     * @throws InvalidRequestException if a field is not valid
     */
    void onRequest(Request request, long nowMs);
}
