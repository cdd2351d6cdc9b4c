package io.millrace.protocol;

/**
 * The two names of a destination: the one JMS uses and the one of its Kafka topic. Topic {@code T} is Kafka topic
 * {@code T}; queue {@code Q} is Kafka topic {@code queue.Q}. What Kafka's alphabet lacks is escaped as {@code _xHHHH_}
 * for each UTF-16 unit, and so are the {@code q} of a topic whose name begins with {@code queue.}, an underscore before
 * {@code xHHHH}, and the names {@code .} and {@code ..}; the mapping is one to one both ways.
 */
public record DestinationName(DestinationKind kind, String name) {
    /** Kafka's limit for a topic's name, in characters. */
    public static final int MAX_TOPIC_NAME_LENGTH = 249;

    private static final String QUEUE_PREFIX = "queue.";
    private static final int ESCAPE_LENGTH = 7;

    /**
     * @throws IllegalArgumentException if the name is empty or its Kafka form is longer than
     *     {@value #MAX_TOPIC_NAME_LENGTH} characters
     */
    public DestinationName {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("the name of a " + kind.word() + " is empty");
        }
        int length = encode(kind, name).length();
        if (length > MAX_TOPIC_NAME_LENGTH) {
            throw new IllegalArgumentException("the name of a " + kind.word() + " takes " + length
                    + " characters as a Kafka topic, more than " + MAX_TOPIC_NAME_LENGTH + ": " + name);
        }
    }

    /** The queue of that JMS name. */
    public static DestinationName queue(String name) {
        return new DestinationName(DestinationKind.QUEUE, name);
    }

    /** The topic of that JMS name. */
    public static DestinationName topic(String name) {
        return new DestinationName(DestinationKind.TOPIC, name);
    }

    /** The name of the Kafka topic; legal for Kafka. */
    public String topicName() {
        return encode(kind, name);
    }

    /**
     * The destination of a Kafka topic's name.
     *
     * @throws IllegalArgumentException if Kafka would not take the name, or no destination has it
     */
    public static DestinationName ofTopicName(String topicName) {
        if (!isLegalTopicName(topicName)) {
            throw new IllegalArgumentException("the topic name '" + topicName + "' is not legal: 1 to "
                    + MAX_TOPIC_NAME_LENGTH + " letters, digits, '.', '_' and '-', and neither '.' nor '..'");
        }
        DestinationKind kind = topicName.startsWith(QUEUE_PREFIX) ? DestinationKind.QUEUE : DestinationKind.TOPIC;
        String name = decode(kind == DestinationKind.QUEUE ? topicName.substring(QUEUE_PREFIX.length()) : topicName);
        if (name.isEmpty() || !encode(kind, name).equals(topicName)) {
            throw new IllegalArgumentException(
                    "the topic name '" + topicName
                            + "' is reserved: 'queue.' is followed by a queue's name, and _xHHHH only escapes what a topic name lacks");
        }
        return new DestinationName(kind, name);
    }

    /** Whether Kafka takes the name for a topic. */
    public static boolean isLegalTopicName(String name) {
        if (name.isEmpty() || name.length() > MAX_TOPIC_NAME_LENGTH || name.equals(".") || name.equals("..")) {
            return false;
        }
        return name.chars().allMatch(c -> isPlain((char) c));
    }

    /** The kind and the name as the command line writes them: {@code queue:orders}. */
    @Override
    public String toString() {
        return kind.word() + ":" + name;
    }

    private static String encode(DestinationKind kind, String name) {
        StringBuilder out = new StringBuilder(name.length() + QUEUE_PREFIX.length());
        if (kind == DestinationKind.QUEUE) {
            out.append(QUEUE_PREFIX);
        }
        boolean shadowsQueue = kind == DestinationKind.TOPIC && name.startsWith(QUEUE_PREFIX);
        boolean dots = kind == DestinationKind.TOPIC && (name.equals(".") || name.equals(".."));
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean escape = !isPlain(c) || looksEscaped(name, i) || (i == 0 && (shadowsQueue || dots));
            if (escape) {
                appendEscape(out, c);
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    private static String decode(String escaped) {
        StringBuilder out = new StringBuilder(escaped.length());
        int i = 0;
        while (i < escaped.length()) {
            if (isEscape(escaped, i)) {
                out.append((char) Integer.parseInt(escaped.substring(i + 2, i + 6), 16));
                i += ESCAPE_LENGTH;
            } else {
                out.append(escaped.charAt(i));
                i++;
            }
        }
        return out.toString();
    }

    private static boolean isPlain(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '.'
                || c == '_'
                || c == '-';
    }

    /** An escape begins here, with its closing underscore. */
    private static boolean isEscape(String s, int at) {
        return looksEscaped(s, at) && at + ESCAPE_LENGTH <= s.length() && s.charAt(at + ESCAPE_LENGTH - 1) == '_';
    }

    /** {@code _xHHHH} stands here: whatever follows, even an escape's first underscore, could make it an escape. */
    private static boolean looksEscaped(String s, int at) {
        if (at + ESCAPE_LENGTH - 1 > s.length() || s.charAt(at) != '_' || s.charAt(at + 1) != 'x') {
            return false;
        }
        for (int i = at + 2; i < at + ESCAPE_LENGTH - 1; i++) {
            char c = s.charAt(i);
            if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'))) {
                return false;
            }
        }
        return true;
    }

    private static void appendEscape(StringBuilder out, char c) {
        out.append("_x")
                .append(String.format(java.util.Locale.ROOT, "%04X", (int) c))
                .append('_');
    }
}
