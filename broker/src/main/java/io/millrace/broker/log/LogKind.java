package io.millrace.broker.log;

/** Which of a partition's two logs. The code is what is stored. */
public enum LogKind {
    MESSAGE((byte) 0),
    DELIVERY((byte) 1);

    private final byte code;

    LogKind(byte code) {
        this.code = code;
    }

    public byte code() {
        return code;
    }

    /** The kind of a code, or a {@link StorageException} of kind {@code CORRUPT}. */
    public static LogKind of(byte code) {
        return switch (code) {
            case 0 -> MESSAGE;
            case 1 -> DELIVERY;
            default -> throw StorageException.corrupt("log kind " + code + " is not known");
        };
    }
}
