package io.millrace.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;

/** The import directions of the house, and what a core may not touch. Each module tests the rules that concern it. */
public final class Rules {
    /** Packages whose classes decide and leave doing to a shell; see docs/ARCHITECTURE.md. */
    private static final String[] CORES = {
        "io.millrace.broker.log..",
        "io.millrace.broker.partition..",
        "io.millrace.broker.delivery..",
        "io.millrace.broker.session..",
        "io.millrace.broker.journal..",
        "io.millrace.broker.group..",
        "io.millrace.broker.producer..",
        "io.millrace.broker.selector..",
        "io.millrace.broker.metadata..",
        "io.millrace.broker.peer..",
        "io.millrace.broker.cluster..",
        "io.millrace.jms.engine..",
    };

    /** A topic's id, and what every message is: values that pass through on their way to the wire. */
    private static final String KAFKA_VALUES = "org\\.apache\\.kafka\\.common\\.(Uuid|protocol\\.(ApiMessage|Message))";

    private Rules() {}

    /** The production classes below a package, on the class path of the running test. */
    public static JavaClasses productionClasses(String packageName) {
        return new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages(packageName);
    }

    /** Every rule of the house; those about absent packages hold trivially. */
    public static List<ArchRule> all() {
        return List.of(
                protocolKnowsNeitherSide(),
                brokerKnowsNoJms(),
                clientKnowsNoBroker(),
                zooKeeperStaysInItsPackage(),
                kafkaStaysAtTheWire(),
                connectorsStayInTheResourceAdapter(),
                nobodyDependsOnSimulationOrBenchmarks(),
                coresDoNothingThemselves());
    }

    public static ArchRule protocolKnowsNeitherSide() {
        return noClasses()
                .that()
                .resideInAPackage("io.millrace.protocol..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.millrace.broker..", "io.millrace.jms..", "io.millrace.transactions..", "jakarta.jms..")
                .because("the protocol is what broker and client share")
                .allowEmptyShould(true);
    }

    public static ArchRule brokerKnowsNoJms() {
        return noClasses()
                .that()
                .resideInAPackage("io.millrace.broker..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("jakarta.jms..", "io.millrace.jms..", "io.millrace.transactions..")
                .because("the broker serves a protocol, not an API")
                .allowEmptyShould(true);
    }

    public static ArchRule clientKnowsNoBroker() {
        return noClasses()
                .that()
                .resideInAnyPackage("io.millrace.jms..", "io.millrace.transactions..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.millrace.broker..")
                .because("client and broker meet on the wire only")
                .allowEmptyShould(true);
    }

    public static ArchRule zooKeeperStaysInItsPackage() {
        return noClasses()
                .that()
                .resideInAPackage("io.millrace..")
                .and()
                .resideOutsideOfPackage("io.millrace.broker.zookeeper..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.zookeeper..", "org.apache.curator..")
                .because("the rest of the broker sees a metadata store")
                .allowEmptyShould(true);
    }

    public static ArchRule kafkaStaysAtTheWire() {
        return noClasses()
                .that()
                .resideInAnyPackage("io.millrace.broker..", "io.millrace.jms..", "io.millrace.transactions..")
                .and()
                .resideOutsideOfPackage("io.millrace.broker.kafka..")
                .should()
                .dependOnClassesThat(resideInAPackage("org.apache.kafka..").and(not(nameMatching(KAFKA_VALUES))))
                .because("Kafka's classes are the codec of io.millrace.protocol and of Kafka's own APIs")
                .allowEmptyShould(true);
    }

    public static ArchRule connectorsStayInTheResourceAdapter() {
        return noClasses()
                .that()
                .resideInAPackage("io.millrace..")
                .and()
                .resideOutsideOfPackage("io.millrace.resource..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("jakarta.resource..")
                .allowEmptyShould(true);
    }

    public static ArchRule nobodyDependsOnSimulationOrBenchmarks() {
        return noClasses()
                .that()
                .resideInAPackage("io.millrace..")
                .and()
                .resideOutsideOfPackages("io.millrace.simulation..", "io.millrace.benchmarks..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.millrace.simulation..", "io.millrace.benchmarks..")
                .allowEmptyShould(true);
    }

    /** A core opens no file, reads no clock, starts no thread, takes no lock and draws no random number. */
    public static ArchRule coresDoNothingThemselves() {
        return CompositeArchRule.of(coresTouchNoShell())
                .and(coresReadNoClock())
                .and(coresDrawNoRandomNumber())
                .as("cores do nothing themselves: no channel, file, socket, lock, thread, future, clock or random");
    }

    private static ArchRule coresTouchNoShell() {
        return noClasses()
                .that()
                .resideInAnyPackage(CORES)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.netty.channel..",
                        "java.net..",
                        "java.nio.channels..",
                        "java.nio.file..",
                        "java.util.concurrent.locks..")
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching("java\\.io\\.(File|RandomAccessFile).*")
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(Thread.class, CompletableFuture.class)
                .allowEmptyShould(true);
    }

    private static ArchRule coresReadNoClock() {
        return noClasses()
                .that()
                .resideInAnyPackage(CORES)
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(Instant.class, "now")
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(Clock.class)
                .allowEmptyShould(true);
    }

    private static ArchRule coresDrawNoRandomNumber() {
        return noClasses()
                .that()
                .resideInAnyPackage(CORES)
                .should()
                .dependOnClassesThat()
                .areAssignableTo(Random.class)
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(SplittableRandom.class, ThreadLocalRandom.class)
                .orShould()
                .callMethod(Math.class, "random")
                .orShould()
                .callMethod(UUID.class, "randomUUID")
                .allowEmptyShould(true);
    }
}
