package io.millrace.cli;

import io.millrace.jms.admin.MillraceAdmin;
import jakarta.jms.JMSException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which broker, and as whom. Set by picocli. */
final class ConnectionOptions {
    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "The broker; by default ${DEFAULT-VALUE}, or what MILLRACE_URL says.",
            defaultValue = "${env:MILLRACE_URL:-millrace://127.0.0.1:9092}")
    private String url = "";

    @Option(names = "--user", paramLabel = "NAME", description = "The user; anonymous if not given.")
    private @Nullable String user;

    @Option(
            names = "--password",
            paramLabel = "PASSWORD",
            description = "The user's password; better put into MILLRACE_PASSWORD, where others do not see it.",
            defaultValue = "${env:MILLRACE_PASSWORD}")
    private @Nullable String password;

    MillraceAdmin admin() throws JMSException {
        if (user == null) {
            return MillraceAdmin.connect(url);
        }
        String login = "user=" + encoded(user) + "&password=" + encoded(password == null ? "" : password);
        return MillraceAdmin.connect(url + (url.indexOf('?') < 0 ? "?" : "&") + login);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
