package io.millrace.cli;

/** Which of the standard streams are a terminal: the JVM does not know, bin/millrace does and says so. */
final class Terminal {
    private Terminal() {}

    static boolean isStdin() {
        return is("stdin");
    }

    static boolean isStdout() {
        return is("stdout");
    }

    static boolean isStderr() {
        return is("stderr");
    }

    private static boolean is(String stream) {
        return Boolean.getBoolean("millrace.terminal." + stream);
    }
}
