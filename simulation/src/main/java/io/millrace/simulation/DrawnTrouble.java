package io.millrace.simulation;

import io.millrace.simulation.broker.SimBroker;
import io.millrace.simulation.broker.SimEnsemble;
import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.kernel.Life;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Trouble of every kind of the scenario, each again and again after drawn times. */
final class DrawnTrouble implements Script {
    private final Stage stage;
    private final Moves moves;
    private final Throttling throttling;
    private final LateMessages late;
    private final Scenario scenario;
    private final Chance chance;
    private @Nullable SimBroker wiped;
    private int epochs;

    DrawnTrouble(Stage stage, Moves moves, Throttling throttling, LateMessages late) {
        this.stage = stage;
        this.moves = moves;
        this.throttling = throttling;
        this.late = late;
        this.scenario = stage.scenario();
        this.chance = stage.chance();
    }

    @Override
    public void plan(Stage on) {
        Scenario.Mortality mortality = scenario.mortality();
        every(mortality.killEveryNs(), "kill", this::killBroker);
        every(mortality.powerLossEveryNs(), "power loss", this::losePower);
        every(mortality.stopEveryNs(), "stop", this::stopBroker);
        every(mortality.clientDeathEveryNs(), "client death", () -> stage.roles()
                .end(true));
        every(mortality.clientCloseEveryNs(), "client close", () -> stage.roles()
                .end(false));
        every(scenario.disk().failEveryNs(), "failing flush", () -> stage.any()
                .disk()
                .failFlushes(1));
        every(
                scenario.disk().fullEveryNs(),
                "full disk",
                () -> stage.fillDisk(
                        stage.any(), chance.skewed(0, 200_000), chance.skewed(Kernel.MILLI, 5 * Kernel.SECOND)));
        every(scenario.network().breakEveryNs(), "break", stage::breakLink);
        every(scenario.network().stallEveryNs(), "stall", () -> stage.any().stall(chance.skewed(1, 3 * Kernel.SECOND)));
        Scenario.Between between = scenario.cluster().between();
        every(between.pauseEveryNs(), "pause", () -> stage.pause(either(), aWhileNs()));
        every(between.cutEveryNs(), "cut", this::cutNetwork);
        every(between.wipeEveryNs(), "wipe", this::wipeDisk);
        every(moves.everyNs(), "move", () -> stage.move(moves));
        every(between.clockEveryNs(), "clock", () -> stage.setClock(stage.any()));
        every(between.deposeEveryNs(), "depose", this::depose);
        every(between.blackoutEveryNs(), "blackout", this::blackOut);
        every(throttling.everyNs(), "throttle", throttling::change);
        every(late.delayEveryNs(), "delay", late::delay);
        every(late.loseAnswerEveryNs(), "answer to be lost", late::loseAnswer);
        every(late.breakLateEveryNs(), "late break", late::breakLate);
        if (between.secondBlow() > 0) {
            stage.onLed(this::onLed);
        }
    }

    private void every(long meanNs, String what, Runnable trouble) {
        if (meanNs == Scenario.NEVER) {
            return;
        }
        long pauseNs = (long) (-Math.log(1 - chance.nextDouble()) * meanNs);
        stage.after(pauseNs, what, () -> {
            trouble.run();
            every(meanNs, what, trouble);
        });
    }

    /** Half of the time one that leads something. */
    private SimBroker either() {
        return chance.chance(0.5) ? stage.any() : stage.anyLeader();
    }

    private long aWhileNs() {
        return chance.skewed(10 * Kernel.MILLI, scenario.cluster().between().longestNs());
    }

    // ---- brokers

    private void killBroker() {
        SimBroker broker = stage.any();
        if (broker.isRunning()) {
            stage.kill(broker);
            stage.startLater(broker);
        }
    }

    private void losePower() {
        SimBroker broker = stage.any();
        if (broker.isRunning() || scenario.cluster().isAlone()) {
            stage.losePower(broker);
            stage.startLater(broker);
        }
    }

    private void stopBroker() {
        SimBroker broker = stage.any();
        if (broker.isReady()) {
            stage.stop(broker, () -> stage.startLater(broker));
        }
    }

    /** All machines lose their power in one moment, or all but some. */
    private void blackOut() {
        boolean isOfAll = chance.chance(0.6);
        for (SimBroker broker : stage.brokers()) {
            if (isOfAll || chance.chance(0.6)) {
                stage.losePower(broker);
                stage.startLater(broker);
            }
        }
    }

    /**
     * Replaces the disk of a broker, in one run always the same one: who alone has what is committed must not lose it. What is under way to
     * the metadata when it dies is waited for.
     */
    private void wipeDisk() {
        SimBroker broker = wiped == null ? stage.any() : wiped;
        wiped = broker;
        if (!broker.isRunning()) {
            return;
        }
        stage.kill(broker);
        replaceDisk(broker);
    }

    /** Not before the metadata store knows that the broker is gone: it might be elected for what it had, and be the last in sync then. */
    private void replaceDisk(SimBroker broker) {
        stage.kernel().after(Kernel.SECOND, Life.WORLD, "world", "replaces a disk", () -> {
            if (broker.isRunning()) {
                return;
            }
            if (broker.isRegistered()) {
                replaceDisk(broker);
                return;
            }
            if (!stage.isLastInSync(broker)) {
                broker.wipe();
            }
            stage.startLater(broker);
        });
    }

    // ---- the network

    /** Cuts the way between a broker and another broker, the metadata store or a client, in one direction or both, once or again and again. */
    private void cutNetwork() {
        SimBroker broker = either();
        List<String> others = new ArrayList<>(stage.clusterBeside(broker));
        others.addAll(stage.clients());
        boolean isolated = chance.chance(0.2);
        String other = chance.oneOf(others);
        for (String host : isolated ? others : List.of(other)) {
            int flaps = chance.chance(0.2) ? 5 : 1;
            boolean there = chance.chance(0.7);
            boolean back = !there || chance.chance(0.7);
            cut(broker.host(), host, there, back, flaps);
        }
    }

    private void cut(String one, String other, boolean there, boolean back, int times) {
        if (!stage.isTroubled()) {
            return;
        }
        if (there) {
            stage.cut(one, List.of(other));
        }
        if (back) {
            stage.cut(other, List.of(one));
        }
        stage.kernel().after(aWhileNs() / times, Life.WORLD, "world", "heal", () -> {
            stage.heal(one, List.of(other));
            if (times > 1) {
                stage.after(aWhileNs() / times, "cut again", () -> cut(one, other, there, back, times - 1));
            }
        });
    }

    /**
     * Has a leader deposed that does not know: it loses the metadata store, or the other brokers, or both, for longer than its session lasts, and keeps
     * its clients; or it refuses connections, and the others take it for dead.
     */
    private void depose() {
        SimBroker leader = stage.anyLeader();
        long forNs = scenario.cluster().sessionMs() * Kernel.MILLI * chance.between(12, 40) / 10;
        switch (chance.below(4)) {
            case 0 -> cutOff(leader, List.of(SimEnsemble.HOST), forNs);
            case 1 -> cutOff(leader, stage.clusterBeside(leader), forNs);
            case 2 -> {
                // Its word comes through and none comes back, or the other way round.
                boolean there = chance.chance(0.5);
                stage.hostsBeside(leader).forEach(host -> cut(leader.host(), host, there, !there, 1));
            }
            default -> refuse(leader, forNs);
        }
    }

    private void cutOff(SimBroker leader, List<String> hosts, long forNs) {
        stage.sever(leader.host(), hosts);
        stage.kernel().after(forNs, Life.WORLD, "world", "heal", () -> stage.heal(leader.host(), hosts));
    }

    private void refuse(SimBroker leader, long forNs) {
        stage.refuse(leader);
        stage.network().breakBetween(leader.host(), chance.oneOf(stage.hostsBeside(leader)));
        stage.kernel().after(forNs, Life.WORLD, "world", "listens again", () -> stage.network()
                .refuse(leader.host(), false));
    }

    // ---- after an election

    /** Whoever leads now is struck before it has settled, or a client comes anew to find it. */
    private void onLed(Led led) {
        if (led.leader() < 0
                || led.epoch() <= 1
                || !chance.chance(scenario.cluster().between().secondBlow())) {
            return;
        }
        int blow = ++epochs;
        SimBroker leader = stage.broker(led.leader());
        stage.after(chance.skewed(Kernel.MILLI, Kernel.SECOND), "second blow", () -> {
            if (!leader.isRunning()) {
                return;
            }
            switch (blow % 4) {
                case 0 -> {
                    stage.losePower(leader);
                    stage.startLater(leader);
                }
                case 1 -> {
                    stage.kill(leader);
                    stage.startLater(leader);
                }
                case 2 -> stage.pause(leader, aWhileNs());
                default -> stage.roles().end(chance.chance(0.5));
            }
        });
    }
}
