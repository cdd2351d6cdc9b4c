package io.millrace.broker.session;

import io.millrace.broker.lane.Lane;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Opens the sessions of a broker. Immutable, for any thread. */
public final class Sessions {
    private final SessionServices services;
    private final ApiTable apis;

    /** Sessions are numbered in the order in which they were opened. */
    private final AtomicLong opened = new AtomicLong();

    /**
     * The sessions of a broker.
     *
     * @param kafkaApis Kafka's APIs; the private ones are added
     */
    public Sessions(SessionServices services, List<ServedApi> kafkaApis) {
        List<ServedApi> all = new ArrayList<>(kafkaApis);
        all.addAll(PrivateApis.served());
        this.services = services;
        this.apis = new ApiTable(all);
    }

    /** The session of a new connection, called on the connection's lane. */
    public ConnectionSession open(Connection connection, Lane lane) {
        return new ConnectionSession(services, apis, connection, lane, opened.incrementAndGet());
    }
}
