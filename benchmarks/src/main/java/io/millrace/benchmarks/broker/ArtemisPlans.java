package io.millrace.benchmarks.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Starts Apache Artemis with what `artemis create` writes, without the protocols and the web console that nobody uses here: a single broker, or
 * a primary and a backup that replicates its journal. benchmarks/README.md says what was tuned and why.
 */
final class ArtemisPlans {
    private static final Pattern READY = Pattern.compile("^" + ArtemisServer.READY);
    /** The backup says so when it has all that the primary has. */
    private static final Pattern SYNCHRONIZED = Pattern.compile("AMQ221024");

    private ArtemisPlans() {}

    static LaunchPlan single(Installation installation, Memory memory, Path data, int port, ArtemisJournal journal)
            throws IOException {
        return plan(installation, memory, new Node("artemis", data, port, ""), journal, READY);
    }

    static List<List<LaunchPlan>> replicated(
            Installation installation, Memory memory, Path data, ArtemisJournal journal) throws IOException {
        int primaryPort = Ports.free();
        int backupPort = Ports.free();
        Node primary = new Node(
                "artemis-primary",
                Files.createDirectories(data.resolve("artemis-primary")),
                primaryPort,
                pair("primary", primaryPort, backupPort));
        Node backup = new Node(
                "artemis-backup",
                Files.createDirectories(data.resolve("artemis-backup")),
                backupPort,
                pair("backup", backupPort, primaryPort));
        LaunchPlan ofBackup = plan(installation, memory, backup, journal, SYNCHRONIZED);
        return List.of(
                List.of(plan(installation, memory, primary, journal, READY)),
                List.of(new LaunchPlan(
                        ofBackup.name(),
                        ofBackup.command(),
                        ofBackup.environment(),
                        ofBackup.ready(),
                        LaunchPlan.NO_CLIENTS)));
    }

    /** A broker: its directory, and what its configuration has beyond that of a single one. */
    private record Node(String name, Path data, int port, String more) {}

    private static String pair(String role, int ownPort, int otherPort) {
        return """
                   <ha-policy><replication><%s/></replication></ha-policy>
                   <cluster-user>cluster</cluster-user>
                   <cluster-password>cluster</cluster-password>
                   <connectors>
                     <connector name="own">tcp://127.0.0.1:%d</connector>
                     <connector name="other">tcp://127.0.0.1:%d</connector>
                   </connectors>
                   <cluster-connections>
                     <cluster-connection name="pair">
                       <connector-ref>own</connector-ref>
                       <static-connectors><connector-ref>other</connector-ref></static-connectors>
                     </cluster-connection>
                   </cluster-connections>
               """.formatted(role, ownPort, otherPort);
    }

    private static LaunchPlan plan(
            Installation installation, Memory memory, Node node, ArtemisJournal journal, Pattern ready)
            throws IOException {
        Path xml = node.data().resolve("broker.xml");
        Files.writeString(xml, xml(node, journal));
        List<String> command = new ArrayList<>(List.of(Installation.java()));
        command.addAll(memory.options(BrokerKind.ARTEMIS));
        command.addAll(List.of(
                "-XX:AutoBoxCacheMax=20000",
                "-XX:+UseG1GC",
                "-XX:+UseStringDeduplication",
                "--add-opens",
                "java.base/jdk.internal.misc=ALL-UNNAMED",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-Dorg.slf4j.simpleLogger.log.org.apache.activemq.artemis.core.server=info",
                "-cp",
                installation.classPath(BrokerKind.ARTEMIS),
                ArtemisServer.class.getName(),
                xml.toString()));
        return new LaunchPlan(node.name(), command, Map.of(), ready, node.port());
    }

    private static String xml(Node node, ArtemisJournal journal) {
        Path data = node.data();
        return """
               <?xml version="1.0" encoding="UTF-8"?>
               <configuration xmlns="urn:activemq">
                 <core xmlns="urn:activemq:core">
                   <name>artemis</name>
                   <persistence-enabled>true</persistence-enabled>
                   <security-enabled>false</security-enabled>
                   <max-redelivery-records>1</max-redelivery-records>
                   <journal-type>%s</journal-type>
                   <paging-directory>%s/paging</paging-directory>
                   <bindings-directory>%s/bindings</bindings-directory>
                   <journal-directory>%s/journal</journal-directory>
                   <large-messages-directory>%s/large-messages</large-messages-directory>
                   <journal-datasync>true</journal-datasync>
                   <journal-sync-transactional>true</journal-sync-transactional>
                   <journal-sync-non-transactional>true</journal-sync-non-transactional>
                   <journal-min-files>2</journal-min-files>
                   <journal-pool-files>10</journal-pool-files>
                   <journal-device-block-size>4096</journal-device-block-size>
                   <journal-file-size>10M</journal-file-size>
                   <journal-buffer-timeout>%d</journal-buffer-timeout>
                   <journal-max-io>%d</journal-max-io>
                   <page-sync-timeout>%d</page-sync-timeout>
                   <disk-scan-period>5000</disk-scan-period>
                   <max-disk-usage>98</max-disk-usage>
                   <critical-analyzer>true</critical-analyzer>
                   <critical-analyzer-timeout>120000</critical-analyzer-timeout>
                   <critical-analyzer-check-period>60000</critical-analyzer-check-period>
                   <critical-analyzer-policy>HALT</critical-analyzer-policy>
                   %s
                   <acceptors>
                     <acceptor name="core">tcp://127.0.0.1:%d?tcpSendBufferSize=1048576;tcpReceiveBufferSize=1048576;useEpoll=true;protocols=CORE</acceptor>
                   </acceptors>
                   <address-settings>
                     <address-setting match="#">
                       <dead-letter-address>DLQ</dead-letter-address>
                       <expiry-address>ExpiryQueue</expiry-address>
                       <redelivery-delay>0</redelivery-delay>
                       <message-counter-history-day-limit>10</message-counter-history-day-limit>
                       <address-full-policy>PAGE</address-full-policy>
                       <auto-create-queues>true</auto-create-queues>
                       <auto-create-addresses>true</auto-create-addresses>
                       <auto-delete-queues>false</auto-delete-queues>
                       <auto-delete-addresses>false</auto-delete-addresses>
                       <page-size-bytes>10M</page-size-bytes>
                       <max-size-bytes>-1</max-size-bytes>
                       <max-size-messages>-1</max-size-messages>
                       <max-read-page-messages>-1</max-read-page-messages>
                       <max-read-page-bytes>20M</max-read-page-bytes>
                       <page-limit-bytes>-1</page-limit-bytes>
                       <page-limit-messages>-1</page-limit-messages>
                     </address-setting>
                   </address-settings>
                   <addresses>
                     <address name="DLQ"><anycast><queue name="DLQ"/></anycast></address>
                     <address name="ExpiryQueue"><anycast><queue name="ExpiryQueue"/></anycast></address>
                   </addresses>
                 </core>
               </configuration>
               """.formatted(
                        journal.type().name().toUpperCase(Locale.ROOT),
                        data,
                        data,
                        data,
                        data,
                        journal.bufferTimeoutNs(),
                        journal.type().maxIo(),
                        journal.pageSyncTimeoutNs(),
                        node.more(),
                        node.port());
    }
}
