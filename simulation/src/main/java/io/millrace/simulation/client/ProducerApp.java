package io.millrace.simulation.client;

import io.millrace.jms.engine.Destination;
import io.millrace.jms.engine.EngineException;
import io.millrace.jms.engine.PendingSend;
import io.millrace.protocol.DestinationName;
import io.millrace.simulation.check.MessageName;
import io.millrace.simulation.kernel.Chance;
import java.util.function.BooleanSupplier;

/** An application that sends numbered messages to one destination, some before it knows what became of those before. */
public final class ProducerApp {
    /**
     * How it works.
     *
     * @param everyNs the mean time between two sends
     * @param window how many may be unanswered
     * @param persistent the part that is PERSISTENT
     * @param bodyBytes the largest body
     */
    public record Manner(long everyNs, int window, double persistent, int bodyBytes) {}

    /** So that a run with little trouble does not become a long one. */
    private static final int MOST_MESSAGES = 400;

    private final ClientProcess process;
    private final DestinationName destination;
    private final Manner manner;
    private final BooleanSupplier wanted;
    private final Chance chance;
    private final String name;
    private int sent;
    private int unanswered;

    /**
     * @param name the producer's own, in its whole life
     * @param wanted whether to go on sending
     */
    public ProducerApp(
            ClientProcess process, String name, DestinationName destination, Manner manner, BooleanSupplier wanted) {
        this.process = process;
        this.name = name;
        this.destination = destination;
        this.manner = manner;
        this.wanted = wanted;
        this.chance = process.splitChance();
    }

    /** Finds the destination and begins. */
    public void start() {
        process.input(nowMs -> process.engine()
                .resolve(
                        destination,
                        new Answer<Destination>(
                                resolved -> sendLater(resolved, chance.below(resolved.partitionCount())),
                                cause -> process.after(manner.everyNs, "tries again to resolve", this::start)),
                        nowMs));
    }

    /** Whether all that it sent is answered. */
    public boolean isIdle() {
        return unanswered == 0;
    }

    private void sendLater(Destination to, int partition) {
        long pauseNs = chance.chance(0.2) ? 0 : chance.skewed(0, manner.everyNs * 4);
        process.after(pauseNs, "sends", () -> {
            if (!wanted.getAsBoolean() || sent >= MOST_MESSAGES) {
                return;
            }
            if (unanswered < manner.window) {
                send(to, partition);
            }
            sendLater(to, partition);
        });
    }

    private void send(Destination to, int partition) {
        boolean persistent = chance.chance(manner.persistent);
        MessageName message = new MessageName(name, ++sent);
        byte[] body = message.body((int) chance.skewed(10, manner.bodyBytes));
        unanswered++;
        process.kernel()
                .note(
                        process.name(),
                        (persistent ? "sends persistent to " : "sends to ") + destination,
                        message.number());
        process.history().onSend(message, destination.toString(), persistent);
        process.input(nowMs -> process.engine()
                .send(
                        new PendingSend(to, partition, persistent, Body.encode(body, persistent, nowMs)) {
                            @Override
                            protected void onSent() {
                                unanswered--;
                                process.kernel().note(process.name(), "sent to " + destination, message.number());
                                process.history().onSent(message);
                            }

                            @Override
                            protected void onFailed(EngineException cause) {
                                unanswered--;
                                process.kernel().note(process.name(), "send failed: " + cause.code(), message.number());
                                process.history().onSendFailed(message);
                            }
                        },
                        nowMs));
    }
}
