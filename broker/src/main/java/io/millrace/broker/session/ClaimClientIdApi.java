package io.millrace.broker.session;

import io.millrace.broker.lane.Lane;
import io.millrace.broker.metadata.ClientIdClaim;
import io.millrace.broker.metadata.ClientIds;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ClaimClientIdRequestData;
import io.millrace.protocol.message.ClaimClientIdResponseData;

/** Serves ClaimClientId: one client identifier for the life of a connection. */
final class ClaimClientIdApi implements ApiHandler {
    @Override
    public void onRequest(Request request, long nowMs) {
        ClaimClientIdRequestData message = (ClaimClientIdRequestData) request.message();
        ClientConnection client = request.session().client();
        if (message.clientId().equals(client.clientId())) {
            request.answer(new ClaimClientIdResponseData());
            return;
        }
        if (client.hasClaim()) {
            throw new InvalidRequestException(
                    ErrorCode.INVALID_CLIENT_ID,
                    "the connection has the client identifier '" + client.clientId()
                            + "' already; a connection has one for its life");
        }
        client.onClaiming();
        claim(
                request.session(),
                client,
                message.clientId(),
                Answer.to(request, claim -> new ClaimClientIdResponseData()));
    }

    /** Claims a client identifier for a client; the reply is called on the session's lane. */
    static void claim(ConnectionSession session, ClientConnection client, String clientId, Reply<ClientIdClaim> reply) {
        ClientIds.Claimant claimant = new ClientIds.Claimant() {
            @Override
            public void takenOver() {
                session.lane()
                        .execute(() -> session.refuse(
                                "client identifier taken over",
                                "the client of '" + clientId
                                        + "' came back on another connection; this one is closed"));
            }

            @Override
            public void catchUp(Runnable caughtUp) {
                Lane lane = session.lane();
                lane.execute(() -> lane.schedule(lane.nowMs(), caughtUp)); // behind what waits to be read
            }
        };
        session.services()
                .registries()
                .clientIds()
                .claim(clientId, client.connectionId(), claimant, session.onLane(new Reply<ClientIdClaim>() {
                    @Override
                    public void complete(ClientIdClaim claim) {
                        client.onClaimed(claim);
                        reply.complete(claim);
                    }

                    @Override
                    public void fail(ErrorCode error, String message) {
                        client.onClaimFailed();
                        reply.fail(error, message);
                    }
                }));
    }
}
