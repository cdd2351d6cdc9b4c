package io.millrace.broker.server;

import io.millrace.broker.lane.Lane;
import io.millrace.broker.session.Connection;
import io.millrace.broker.session.ConnectionSession;

/** Makes the session of a new connection, on the connection's lane. For any thread. */
public interface SessionFactory {
    ConnectionSession open(Connection connection, Lane lane);
}
