package io.millrace.simulation;

import io.millrace.broker.metadata.Destination;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.StoredValue;
import io.millrace.jms.engine.BrokerAddress;
import io.millrace.protocol.DestinationName;
import io.millrace.simulation.broker.SimBroker;
import io.millrace.simulation.broker.SimEnsemble;
import io.millrace.simulation.client.ClientProcess;
import io.millrace.simulation.kernel.Kernel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Who leads what, as the metadata store says, whether anybody knows of it or not. */
final class Leaders implements ClientProcess.Brokers {
    private static final int PORT = 9092;
    private static final Pattern PATH = Pattern.compile(".*/partitions/([0-9a-f-]{36})/(\\d+)");
    private static final Pattern LEADER = Pattern.compile("\"leader\"\\s*:\\s*(-?\\d+)");
    private static final Pattern EPOCH = Pattern.compile("\"leaderEpoch\"\\s*:\\s*(\\d+)");
    private static final Pattern IN_SYNC = Pattern.compile("\"isr\"\\s*:\\s*\\[([^]]*)]");

    /** A partition's state, with the topic that may have no name yet. */
    private record State(UUID topicId, Led led) {}

    /** Takes a change of leader. */
    interface Change {
        void led(DestinationName destination, int partition);
    }

    private final Kernel kernel;
    private final List<SimBroker> brokers = new ArrayList<>();
    private final Map<String, State> byPath = new TreeMap<>();
    private final Map<UUID, DestinationName> names = new TreeMap<>();
    private final List<Consumer<Led>> told = new ArrayList<>();
    private Change changed = (destination, partition) -> {};

    Leaders(Kernel kernel) {
        this.kernel = kernel;
    }

    /** Says whose leadership this is about. */
    void of(List<SimBroker> all) {
        brokers.addAll(all);
    }

    /** Has somebody told whenever a partition of a destination has a leader in another epoch. */
    void onChange(Change told) {
        changed = told;
    }

    /** Something was written. */
    void onWritten(StoredValue value) {
        Matcher path = PATH.matcher(value.path());
        if (!path.matches()) {
            return;
        }
        List<Integer> inSync = new ArrayList<>();
        for (String member : text(IN_SYNC, value.text()).split(",", -1)) {
            if (!member.isBlank()) {
                inSync.add(Integer.parseInt(member.trim()));
            }
        }
        UUID topicId = UUID.fromString(path.group(1));
        DestinationName destination = nameOf(topicId);
        Led led = new Led(
                destination,
                Integer.parseInt(path.group(2)),
                Integer.parseInt(text(LEADER, value.text())),
                Integer.parseInt(text(EPOCH, value.text())),
                inSync);
        State before = byPath.put(value.path(), new State(topicId, led));
        kernel.note(
                SimEnsemble.HOST,
                destination + "-" + path.group(2) + " is led by " + led.leader() + " with in sync " + inSync,
                led.epoch(),
                value.version());
        boolean isNew = before == null || before.led.epoch() != led.epoch();
        if (destination != null && isNew && led.leader() >= 0) {
            changed.led(destination, led.index());
        }
        if (before == null || !before.led.equals(led)) {
            List.copyOf(told).forEach(each -> each.accept(led));
        }
    }

    /** Has somebody told of how partitions are led, whenever that is written. */
    void onLed(Consumer<Led> listener) {
        told.add(listener);
    }

    /** How the first partition of a destination is led; null if there is none yet. */
    @Nullable
    Led of(DestinationName destination) {
        return byPath.values().stream()
                .filter(state -> destination.equals(nameOf(state.topicId)) && state.led.index() == 0)
                .map(State::led)
                .findFirst()
                .orElse(null);
    }

    /** Whether a broker leads anything. */
    boolean isLeader(int brokerId) {
        return byPath.values().stream().anyMatch(state -> state.led.leader() == brokerId);
    }

    /** Whether a broker is the last in sync of some partition. */
    boolean isLastInSync(int brokerId) {
        return byPath.values().stream().anyMatch(state -> state.led.inSync().equals(List.of(brokerId)));
    }

    /** The partitions that do not have a leader and all replicas in sync. */
    List<String> unhealthy(int replicas) {
        return byPath.entrySet().stream()
                .filter(entry -> entry.getValue().led.leader() < 0
                        || entry.getValue().led.inSync().size() < replicas)
                .map(entry -> entry.getKey() + " " + entry.getValue().led)
                .toList();
    }

    @Override
    public List<BrokerAddress> addresses() {
        return brokers.stream()
                .map(broker -> new BrokerAddress(broker.host(), PORT))
                .toList();
    }

    @Override
    public List<Integer> ledBy(String host, DestinationName destination) {
        if (brokers.size() == 1) {
            return List.of(0); // it stands for all: they are led anew at the same time
        }
        return byPath.values().stream()
                .filter(state ->
                        SimBroker.hostOf(state.led.leader()).equals(host) && destination.equals(nameOf(state.topicId)))
                .map(state -> state.led.index())
                .toList();
    }

    private @Nullable DestinationName nameOf(UUID topicId) {
        DestinationName known = names.get(topicId);
        for (int i = 0; known == null && i < brokers.size(); i++) {
            MetadataImage image = brokers.get(i).image();
            Destination destination = image == null ? null : image.findByTopicId(topicId);
            if (destination != null) {
                known = destination.name();
                names.put(topicId, known);
            }
        }
        return known;
    }

    private static String text(Pattern pattern, String in) {
        Matcher matcher = pattern.matcher(in);
        if (!matcher.find()) {
            throw new IllegalArgumentException("no " + pattern + " in " + in);
        }
        return matcher.group(1);
    }
}
