package io.millrace.cli;

import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.jms.admin.ClusterDescription.Broker;
import io.millrace.jms.admin.MillraceAdmin;
import jakarta.jms.JMSException;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** The options of every command that talks to a broker: where it is and who asks. */
final class ClientOptions {
    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "${env:MILLRACE_URL:-millrace://127.0.0.1:9092}",
            description =
                    "The broker: millrace://host:port[,host:port...][?option=value&...]. Default: MILLRACE_URL from"
                            + " the environment, or millrace://127.0.0.1:9092.")
    private String url;

    @Option(names = "--user", paramLabel = "NAME", description = "The user; none for anonymous.")
    private @Nullable String user;

    @ArgGroup(exclusive = true)
    private @Nullable Secret secret;

    /** Where the password comes from. */
    static final class Secret {
        @Option(
                names = "--password",
                paramLabel = "PASSWORD",
                arity = "0..1",
                interactive = true,
                description = "The user's password; asked for where no value is given. Others on this machine can see a"
                        + " value: --password-file is better.")
        private @Nullable String password;

        @Option(
                names = "--password-file",
                paramLabel = "FILE",
                description = "A file whose first line is the user's password; or put it into MILLRACE_PASSWORD.")
        private @Nullable Path file;
    }

    /** A factory for the broker that these options name. */
    MillraceConnectionFactory factory() throws CommandException {
        return new MillraceConnectionFactory(uri());
    }

    /** A connection for administration to the broker that these options name. */
    MillraceAdmin admin() throws CommandException, JMSException {
        return MillraceAdmin.connect(uri());
    }

    /** A connection for administration to one broker of the cluster. */
    MillraceAdmin admin(Broker broker) throws CommandException, JMSException {
        String uri = uri();
        int query = uri.indexOf('?');
        return MillraceAdmin.connect(
                "millrace://" + broker.host() + ":" + broker.port() + (query < 0 ? "" : uri.substring(query)));
    }

    private String uri() throws CommandException {
        try {
            var unused = new MillraceConnectionFactory(url);
        } catch (IllegalArgumentException e) {
            throw CommandException.usage("--url: " + e.getMessage());
        }
        String password = password();
        if (user == null && password != null) {
            throw CommandException.usage("a password needs --user");
        }
        return url + option("user", user) + option("password", password);
    }

    private String option(String name, @Nullable String value) {
        if (value == null) {
            return "";
        }
        boolean first = url.indexOf('?') < 0 && name.equals("user");
        return (first ? "?" : "&") + name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    private @Nullable String password() throws CommandException {
        if (secret == null) {
            return user == null ? null : System.getenv("MILLRACE_PASSWORD");
        }
        if (secret.file == null) {
            return secret.password;
        }
        try (var lines = Files.lines(secret.file)) {
            return lines.findFirst().orElse("");
        } catch (IOException | java.io.UncheckedIOException e) {
            throw CommandException.failed("can not read --password-file " + secret.file + ": " + e.getMessage());
        }
    }
}
