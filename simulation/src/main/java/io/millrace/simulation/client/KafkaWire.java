package io.millrace.simulation.client;

import io.millrace.simulation.kernel.Life;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The connections of one Kafka client's process, each opened when it is needed. */
final class KafkaWire {
    /** How long most answers are waited for. */
    static final long ANSWER_NS = 2_000_000_000L;

    private final ClientProcess.World world;
    private final Life life;
    private final String name;
    private final Map<String, KafkaConnection> connections = new TreeMap<>();

    KafkaWire(ClientProcess.World world, Life life, String name) {
        this.world = world;
        this.life = life;
        this.name = name;
    }

    /** @param purpose requests of one purpose go over one connection, and so arrive in their order as long as it lasts */
    void call(String host, String purpose, KafkaCall<?> call) {
        if (life.hasEnded()) {
            return;
        }
        KafkaConnection connection = connections.get(host + " " + purpose);
        if (connection == null || connection.isOver()) {
            connection = new KafkaConnection(world.kernel(), world.network(), life, name, host);
            connections.put(host + " " + purpose, connection);
        }
        connection.call(call);
    }

    void close() {
        List.copyOf(connections.values()).forEach(KafkaConnection::close);
    }

    void die(boolean noticed) {
        connections.values().forEach(connection -> connection.die(noticed));
    }
}
