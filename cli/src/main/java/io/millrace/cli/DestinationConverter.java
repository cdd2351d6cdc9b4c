package io.millrace.cli;

import io.millrace.protocol.DestinationKind;
import io.millrace.protocol.DestinationName;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a destination: {@code orders} and {@code queue:orders} are the queue, {@code topic:prices} is the topic. */
final class DestinationConverter implements ITypeConverter<DestinationName> {
    @Override
    public DestinationName convert(String text) {
        int colon = text.indexOf(':');
        DestinationKind kind = DestinationKind.QUEUE;
        String name = text;
        if (colon >= 0) {
            kind = kind(text.substring(0, colon), text);
            name = text.substring(colon + 1);
        }
        return name(kind, name);
    }

    /** The destination of that kind, or what is wrong with its name as a mistake in usage. */
    static DestinationName name(DestinationKind kind, String name) {
        try {
            return new DestinationName(kind, name);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }

    private static DestinationKind kind(String word, String text) {
        for (DestinationKind kind : DestinationKind.values()) {
            if (kind.word().equals(word)) {
                return kind;
            }
        }
        throw new TypeConversionException("'" + text
                + "' is not a destination: a queue is written orders or queue:orders, a topic topic:prices"
                + " (and a queue with a colon in its name queue:a:b)");
    }
}
