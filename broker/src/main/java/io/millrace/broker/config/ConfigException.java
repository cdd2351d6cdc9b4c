package io.millrace.broker.config;

/** A setting that is unknown or whose value is not valid; the message names key, value and what would be right. */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ConfigException(String message) {
        super(message);
    }
}
