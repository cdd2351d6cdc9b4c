package io.millrace.jms.engine;

/** The answer to a command that has nothing to say but that it was done. */
public enum Done {
    DONE
}
