package io.millrace.jms.session;

/** MurmurHash2 with the seed and the sign rule of Kafka's producers, so that a group and a Kafka key share a partition. */
final class GroupHash {
    private static final int SEED = 0x9747b28c;
    private static final int M = 0x5bd1e995;
    private static final int R = 24;

    private GroupHash() {}

    /** A hash that is not negative. */
    static int of(byte[] key) {
        int hash = SEED ^ key.length;
        int blocks = key.length / 4;
        for (int i = 0; i < blocks; i++) {
            int at = i * 4;
            int k = (key[at] & 0xff)
                    | (key[at + 1] & 0xff) << 8
                    | (key[at + 2] & 0xff) << 16
                    | (key[at + 3] & 0xff) << 24;
            k *= M;
            k ^= k >>> R;
            k *= M;
            hash = (hash * M) ^ k;
        }
        int rest = key.length - blocks * 4;
        if (rest > 0) {
            int tail = 0;
            for (int i = rest - 1; i >= 0; i--) {
                tail = tail << 8 | (key[blocks * 4 + i] & 0xff);
            }
            hash = (hash ^ tail) * M;
        }
        hash ^= hash >>> 13;
        hash *= M;
        hash ^= hash >>> 15;
        return hash & Integer.MAX_VALUE;
    }
}
