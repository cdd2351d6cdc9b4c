package io.millrace.benchmarks.broker;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** How much heap and direct memory each broker's JVM gets, as -Xmx takes it. The same for all unless one is named. */
public record Memory(Map<BrokerKind, String> heaps, Map<BrokerKind, String> directs) {
    public Memory {
        heaps = Map.copyOf(heaps);
        directs = Map.copyOf(directs);
    }

    /** Each word is SIZE, for all brokers, or BROKER=SIZE; a later one wins. */
    public static Memory parse(String defaultHeap, List<String> heaps, String defaultDirect, List<String> directs) {
        return new Memory(parse(defaultHeap, heaps), parse(defaultDirect, directs));
    }

    public String heapOf(BrokerKind kind) {
        return size(heaps, kind);
    }

    public String directOf(BrokerKind kind) {
        return size(directs, kind);
    }

    List<String> options(BrokerKind kind) {
        return List.of("-Xms" + heapOf(kind), "-Xmx" + heapOf(kind), "-XX:MaxDirectMemorySize=" + directOf(kind));
    }

    private static String size(Map<BrokerKind, String> sizes, BrokerKind kind) {
        String size = sizes.get(kind);
        if (size == null) {
            throw new IllegalStateException("no size for " + kind);
        }
        return size;
    }

    private static Map<BrokerKind, String> parse(String otherwise, List<String> words) {
        Map<BrokerKind, String> sizes = new EnumMap<>(BrokerKind.class);
        for (BrokerKind kind : BrokerKind.values()) {
            sizes.put(kind, otherwise);
        }
        for (String word : words) {
            int equals = word.indexOf('=');
            String size = word.substring(equals + 1);
            if (!size.matches("[1-9][0-9]*[kKmMgG]?")) {
                throw new IllegalArgumentException("not a size as -Xmx takes it: '" + size + "'");
            }
            if (equals < 0) {
                sizes.replaceAll((kind, old) -> size);
            } else {
                sizes.put(BrokerKind.named(word.substring(0, equals)), size);
            }
        }
        return sizes;
    }
}
