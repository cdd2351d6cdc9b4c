package io.millrace.broker.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import org.junit.jupiter.api.Test;

/** Keeps docs/CONFIGURATION.md current; with {@code -Dmillrace.docs=write} it writes the page. */
final class ConfigurationPageTest {
    private static final Path PAGE = Path.of("../docs/CONFIGURATION.md");

    @Test
    void listsEveryKeyAsTheCodeHasIt() throws IOException {
        // Given
        String expected = page();
        if ("write".equals(System.getProperty("millrace.docs"))) {
            Files.writeString(PAGE, expected);
        }
        // When
        String present = Files.readString(PAGE);
        // Then
        assertThat(present)
                .as("docs/CONFIGURATION.md; write it anew with: mvn -pl broker -am test -Dmillrace.docs=write"
                        + " -Dtest=ConfigurationPageTest -Dsurefire.failIfNoSpecifiedTests=false")
                .isEqualTo(expected);
    }

    private static String page() {
        StringBuilder page = new StringBuilder();
        page.append("""
                # Configuration

                <!-- Written by ConfigurationPageTest from the keys in the code; change those. -->

                A broker takes its settings from a file (`bin/millrace broker --config FILE`; Java properties in UTF-8, a `KEY=VALUE` a
                line), from `-D KEY=VALUE` or `--set KEY=VALUE` over the file, and from `--listen` over both;
                `EmbeddedBroker.builder().property(KEY, VALUE)` sets one in a program. An unknown key or a value that is not valid is
                refused at start, and the nearest known key is named.

                ## The broker

                """);
        append(page, BrokerConfig.keys());
        page.append("""

                ## Users

                `user.NAME.password=PASSWORD` makes a user, and so does a line `NAME=PASSWORD` in the `users.file`. The password is plain,
                or hashed with PBKDF2 (HMAC-SHA256) as `pbkdf2:ITERATIONS:SALT:HASH` with salt and hash in base64. A client that gives a
                user is let in with the right password only; one that gives none is let in where `anonymous.access` says so.

                A hashed password, from the one that is typed:

                ```
                python3 -c "import base64, getpass, hashlib, os; n = 600000; s = os.urandom(16); e = lambda b: base64.b64encode(b).decode(); \\
                h = hashlib.pbkdf2_hmac('sha256', getpass.getpass().encode(), s, n); print(f'pbkdf2:{n}:{e(s)}:{e(h)}')"
                ```

                ## Queues and topics

                A queue or topic has settings of its own, given when it is created (`bin/millrace queue create orders --config KEY=VALUE`,
                Kafka's CreateTopics) or later (Kafka's IncrementalAlterConfigs). `default.KEY=VALUE` among the broker's settings changes the
                default for those that do not say.

                """);
        append(page, DestinationConfig.keys());
        return page.toString();
    }

    private static void append(StringBuilder page, Collection<ConfigKey<?>> keys) {
        page.append("| key | type | default | what it is, and why the default is what it is |\n|---|---|---|---|\n");
        for (ConfigKey<?> key : keys) {
            page.append("| `")
                    .append(key.name())
                    .append("` | ")
                    .append(type(key))
                    .append(" | ");
            page.append(key.defaultText().isEmpty() ? "" : "`" + key.defaultText() + "`");
            page.append(" | ").append(key.about()).append(" |\n");
        }
    }

    private static String type(ConfigKey<?> key) {
        String type =
                key.range().isEmpty() || key.type().equals("boolean") ? key.type() : key.type() + ", " + key.range();
        return key.unit().isEmpty() ? type : type + ", in " + key.unit();
    }
}
