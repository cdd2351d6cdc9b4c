package io.millrace.broker.config;

/** How old records leave a log. */
public enum CleanupPolicy {
    /** Whole segments are deleted by time and size. */
    DELETE
}
