package io.millrace.simulation.kernel;

import java.util.List;
import java.util.SplittableRandom;

/**
 * One component's stream of chance. It depends on the run's seed and the component's name alone, so that a component that draws once
 * more leaves what the others draw as it was.
 */
public final class Chance {
    private final SplittableRandom random;

    private Chance(SplittableRandom random) {
        this.random = random;
    }

    public static Chance of(long seed, String name) {
        long h = seed * 0x9e3779b97f4a7c15L;
        for (int i = 0; i < name.length(); i++) {
            h = (h ^ name.charAt(i)) * 0xff51afd7ed558ccdL;
            h ^= h >>> 32;
        }
        return new Chance(new SplittableRandom(h));
    }

    /** A stream of its own for a part of the component. */
    public Chance split() {
        return new Chance(random.split());
    }

    /** True with the given probability. */
    public boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    /** A number from 0 on, below {@code bound}. */
    public int below(int bound) {
        return random.nextInt(bound);
    }

    /** A number between two, both inclusive. */
    public long between(long least, long most) {
        return random.nextLong(least, most + 1);
    }

    /** A number between two, both inclusive, each order of magnitude as likely as another: most are small, some large. */
    public long skewed(long least, long most) {
        double low = Math.log(least + 1.0);
        double high = Math.log(most + 1.0);
        long drawn = (long) Math.exp(low + random.nextDouble() * (high - low)) - 1;
        return Math.max(least, Math.min(most, drawn));
    }

    /** One of a list. */
    public <T> T oneOf(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    public double nextDouble() {
        return random.nextDouble();
    }

    public long nextLong() {
        return random.nextLong();
    }

    public void fill(byte[] bytes) {
        random.nextBytes(bytes);
    }
}
