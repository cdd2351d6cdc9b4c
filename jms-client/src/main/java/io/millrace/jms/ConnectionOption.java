package io.millrace.jms;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** An option of a connection URI, which is also a bean property of the connection factory: name, default, meaning. */
enum ConnectionOption {
    USER("user", Kind.TEXT, null, "The user; none for anonymous."),
    PASSWORD("password", Kind.TEXT, null, "The user's password."),
    CLIENT_ID("clientId", Kind.TEXT, null, "The JMS client identifier of every connection made."),
    CREATE_DESTINATIONS(
            "createDestinations", Kind.SWITCH, "true", "Whether queues and topics are created when first used."),
    PREFETCH(
            "prefetch",
            Kind.COUNT,
            "1000",
            "Messages that a consumer holds ahead of the application. A thousand hide a round trip of several ms."),
    PREFETCH_BYTES(
            "prefetchBytes", Kind.COUNT, "4194304", "About how many bytes a consumer holds ahead of the application."),
    SEND_WINDOW(
            "sendWindow",
            Kind.COUNT,
            "10000",
            "Messages under way to the broker before a send without waiting (asynchronous or NON_PERSISTENT) blocks."),
    SEND_WINDOW_BYTES(
            "sendWindowBytes",
            Kind.COUNT,
            "8388608",
            "Bytes under way to the broker before such a send blocks. Up to three times as much heap is in use for them: the"
                    + " application's message, its record, and the batch that is being written."),
    SEND_TIMEOUT(
            "sendTimeout",
            Kind.DURATION,
            "0",
            "How long a send waits for the broker's answer; 0 for as long as the connection lives, which is bounded by"
                    + " reconnectTimeout."),
    REQUEST_TIMEOUT(
            "requestTimeout",
            Kind.DURATION,
            "30s",
            "How long the broker may take to answer a request before the connection is taken for dead and replaced."),
    CONNECT_TIMEOUT("connectTimeout", Kind.DURATION, "10s", "How long connecting to one address may take."),
    RECONNECT_TIMEOUT(
            "reconnectTimeout",
            Kind.DURATION,
            "5m",
            "How long a lost connection is tried again before the application hears of it: long enough for a broker's"
                    + " restart, short enough for an operator to notice."),
    CLOSE_TIMEOUT("closeTimeout", Kind.DURATION, "15s", "How long close waits for a broker that does not answer."),
    DESERIALIZATION_ALLOW(
            "deserializationAllow",
            Kind.TEXT,
            "",
            "Classes (com.acme.Order) and packages with all below (com.acme.*) that ObjectMessage.getObject may"
                    + " deserialize, separated by commas; * for all. Basic classes of java.lang, java.util, java.math and"
                    + " java.time are always allowed.");

    /** How the text of an option is read. */
    private enum Kind {
        TEXT,
        SWITCH,
        COUNT,
        DURATION
    }

    private final String optionName;
    private final Kind kind;
    private final @Nullable String defaultText;
    private final String about;

    ConnectionOption(String optionName, Kind kind, @Nullable String defaultText, String about) {
        this.optionName = optionName;
        this.kind = kind;
        this.defaultText = defaultText;
        this.about = about;
    }

    /** The name in a URI. */
    String optionName() {
        return optionName;
    }

    /** The value where none is given. */
    @Nullable
    String defaultText() {
        return defaultText;
    }

    /** What the option does and why its default is what it is. */
    String about() {
        return about;
    }

    /**
     * The option of a name.
     *
     * @throws IllegalArgumentException if there is none, naming the nearest
     */
    static ConnectionOption named(String name) {
        for (ConnectionOption option : values()) {
            if (option.optionName.equals(name)) {
                return option;
            }
        }
        String lower = name.toLowerCase(Locale.ROOT);
        String nearest = Arrays.stream(values())
                .map(option -> option.optionName)
                .min(Comparator.comparingInt(known -> distance(lower, known.toLowerCase(Locale.ROOT))))
                .orElseThrow();
        throw new IllegalArgumentException("unknown option '" + name + "'; did you mean '" + nearest + "'?");
    }

    /**
     * Checks a text for this option.
     *
     * @throws IllegalArgumentException saying what would be right
     */
    String checked(String text) {
        switch (kind) {
            case TEXT -> {}
            case SWITCH -> asSwitch(text);
            case COUNT -> asCount(text);
            case DURATION -> asDurationMs(text);
        }
        return text;
    }

    boolean asSwitch(String text) {
        if (!text.equals("true") && !text.equals("false")) {
            throw wrong(text, "true or false");
        }
        return text.equals("true");
    }

    int asCount(String text) {
        try {
            int count = Integer.parseInt(text);
            if (count > 0) {
                return count;
            }
        } catch (NumberFormatException e) {
            // The same answer as for a number out of range.
        }
        throw wrong(text, "a whole number from 1 to " + Integer.MAX_VALUE);
    }

    long asDurationMs(String text) {
        int digits = 0;
        while (digits < text.length() && Character.isDigit(text.charAt(digits))) {
            digits++;
        }
        try {
            long amount = Long.parseLong(text.substring(0, digits));
            int unitMs =
                    switch (text.substring(digits)) {
                        case "", "ms" -> 1;
                        case "s" -> 1_000;
                        case "m" -> 60_000;
                        case "h" -> 3_600_000;
                        default -> throw new NumberFormatException();
                    };
            return Math.multiplyExact(amount, unitMs);
        } catch (NumberFormatException | ArithmeticException e) {
            throw wrong(text, "a duration such as 500 (milliseconds), 500ms, 30s, 5m or 1h");
        }
    }

    private IllegalArgumentException wrong(String text, String right) {
        return new IllegalArgumentException("option " + optionName + " is " + right + ", not '" + text + "'");
    }

    /** Levenshtein's distance. */
    private static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substitution = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(substitution, Math.min(previous[j], current[j - 1]) + 1);
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
