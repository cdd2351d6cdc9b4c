package io.millrace.broker.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * One setting: its name, type, unit, default, the reason of the default, and the check of a value, in one place.
 * Immutable.
 *
 * @param <T> the type of the parsed value
 */
public final class ConfigKey<T> {
    private final String name;
    private final String type;
    private final String unit;
    private final String range;
    private final String defaultText;
    private final T defaultValue;
    private final String about;
    private final Function<String, T> parser;
    private final boolean secret;

    private ConfigKey(Draft draft, String type, String range, String defaultText, Function<String, T> parser) {
        this.name = draft.name;
        this.type = type;
        this.unit = draft.unit;
        this.range = range;
        this.defaultText = defaultText;
        this.about = draft.about;
        this.parser = parser;
        this.secret = draft.secret;
        this.defaultValue = parse(defaultText);
    }

    /** Begins the key of that name; what it is and why its default is what it is, in one or two sentences. */
    static Draft key(String name, String about) {
        return new Draft(name, about);
    }

    /** The name in a file of settings and on the wire. */
    public String name() {
        return name;
    }

    /** The type's word: boolean, int, long, string, or choice. */
    public String type() {
        return type;
    }

    /** What a number counts, or an empty string. */
    public String unit() {
        return unit;
    }

    /** Which values are taken, in words, or an empty string. */
    public String range() {
        return range;
    }

    /** The default as it would be written. */
    public String defaultText() {
        return defaultText;
    }

    /** The default as it is used. */
    public T defaultValue() {
        return defaultValue;
    }

    /** What the setting is and why its default is what it is. */
    public String about() {
        return about;
    }

    /** Whether a value must not be shown. */
    public boolean secret() {
        return secret;
    }

    /**
     * The value that a text stands for.
     *
     * @throws ConfigException if it stands for none
     */
    public T parse(String text) {
        try {
            return parser.apply(text.strip());
        } catch (IllegalArgumentException e) {
            String wanted = (range.isEmpty() ? type : type + ", " + range) + (unit.isEmpty() ? "" : ", in " + unit);
            throw new ConfigException(
                    "the setting " + name + " takes " + wanted + ", not '" + (secret ? "..." : text.strip()) + "'");
        }
    }

    @Override
    public String toString() {
        return name;
    }

    /** A key whose type is still to be said. */
    static final class Draft {
        private final String name;
        private final String about;
        private String unit = "";
        private boolean secret;

        private Draft(String name, String about) {
            this.name = name;
            this.about = about;
        }

        /** Says what the number counts. */
        Draft unit(String unit) {
            this.unit = unit;
            return this;
        }

        /** Says that values must not be shown. */
        Draft secret() {
            this.secret = true;
            return this;
        }

        ConfigKey<Boolean> bool(boolean defaultValue) {
            return new ConfigKey<>(this, "boolean", "true or false", Boolean.toString(defaultValue), ConfigKey::bool);
        }

        ConfigKey<Integer> integer(int defaultValue, int min, int max) {
            return new ConfigKey<>(
                    this, "int", between(min, max, Integer.MAX_VALUE), Integer.toString(defaultValue), text -> {
                        int value = Integer.parseInt(text);
                        require(value >= min && value <= max);
                        return value;
                    });
        }

        ConfigKey<Long> number(long defaultValue, long min, long max) {
            return new ConfigKey<>(
                    this, "long", between(min, max, Long.MAX_VALUE), Long.toString(defaultValue), text -> {
                        long value = Long.parseLong(text);
                        require(value >= min && value <= max);
                        return value;
                    });
        }

        ConfigKey<String> string(String defaultValue) {
            return new ConfigKey<>(this, "string", "", defaultValue, text -> text);
        }

        /** An address as HOST:PORT; also nothing, if that is the default. */
        ConfigKey<String> address(String defaultValue) {
            return new ConfigKey<>(this, "string", "HOST:PORT", defaultValue, text -> {
                if (!(text.isEmpty() && defaultValue.isEmpty())) {
                    HostPort unused = HostPort.parse(text);
                }
                return text;
            });
        }

        /** A word for each constant of an enum, in lower case with hyphens. */
        <E extends Enum<E>> ConfigKey<E> choice(E defaultValue) {
            List<E> constants = Arrays.asList(defaultValue.getDeclaringClass().getEnumConstants());
            return choice(defaultValue, constants, Draft::word);
        }

        /** A word of the caller's choice for each constant. */
        <E> ConfigKey<E> choice(E defaultValue, List<E> constants, Function<E, String> words) {
            String range = "one of " + constants.stream().map(words).collect(Collectors.joining(", "));
            return new ConfigKey<>(this, "choice", range, words.apply(defaultValue), text -> constants.stream()
                    .filter(constant -> words.apply(constant).equalsIgnoreCase(text))
                    .findFirst()
                    .orElseThrow(IllegalArgumentException::new));
        }

        private static <E extends Enum<E>> String word(E constant) {
            return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private static Boolean bool(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException();
        };
    }

    private static String between(long min, long max, long unbounded) {
        return max == unbounded ? "at least " + min : min + " to " + max;
    }

    private static void require(boolean condition) {
        if (!condition) {
            throw new IllegalArgumentException();
        }
    }
}
