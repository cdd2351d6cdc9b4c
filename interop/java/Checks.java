import java.util.Objects;

/** Runs checks one by one and says of each, on a line of its own, how it went: ok, FAIL or skip. Owned by one thread. */
final class Checks {
    /** One check: it throws when it does not hold. */
    interface Check {
        void run() throws Exception;
    }

    private final String who;
    private boolean failed;

    Checks(String who) {
        this.who = who;
    }

    /** False if it failed. */
    boolean check(String what, Check check) {
        try {
            check.run();
            System.out.println("ok " + who + ": " + what);
            return true;
        } catch (Throwable e) {
            failed = true;
            System.out.println("FAIL " + who + ": " + what + ": " + oneLine(e));
            e.printStackTrace();
            return false;
        }
    }

    void skip(String what, String why) {
        System.out.println("skip " + who + ": " + what + ": " + why);
    }

    int exitCode() {
        return failed ? 1 : 0;
    }

    static void equal(Object expected, Object actual, String of) {
        if (!Objects.equals(expected, actual)) {
            throw new AssertionError(of + ": expected " + expected + ", was " + actual);
        }
    }

    private static String oneLine(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause).replace('\n', ' ');
    }
}
