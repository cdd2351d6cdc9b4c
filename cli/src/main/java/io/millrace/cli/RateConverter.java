package io.millrace.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads bytes a second such as {@code 500KiB/s}, {@code 10MiB/s} or {@code 1048576}; {@code none} is 0. */
final class RateConverter implements ITypeConverter<Long> {
    /** A rate below fills no replica that gets messages, and stands for a unit that was left out. */
    private static final long LEAST = 1024;

    private static final Pattern FORM = Pattern.compile("(\\d{1,12})\\s*(B|KIB|MIB|GIB)?(/S)?");

    @Override
    public Long convert(String text) {
        if (text.equalsIgnoreCase("none")) {
            return 0L;
        }
        Matcher matcher = FORM.matcher(text.toUpperCase(Locale.ROOT));
        if (!matcher.matches() || Long.parseLong(matcher.group(1)) == 0) {
            throw new TypeConversionException("'" + text + "' is not a rate such as 10MiB/s or 500KiB/s, nor none");
        }
        String unit = matcher.group(2) == null ? "B" : matcher.group(2);
        int shift =
                switch (unit) {
                    case "KIB" -> 10;
                    case "MIB" -> 20;
                    case "GIB" -> 30;
                    default -> 0;
                };
        long rate = Long.parseLong(matcher.group(1)) << shift;
        if (rate < LEAST) {
            throw new TypeConversionException("'" + text + "' is " + words(rate)
                    + ", too little to fill a replica; a rate looks like 10MiB/s or 500KiB/s");
        }
        return rate;
    }

    /** The rate in words. */
    static String words(long bytesPerSecond) {
        return bytesPerSecond == 0 ? "none" : bytes(bytesPerSecond) + "/s";
    }

    /** A number of bytes in words. */
    static String bytes(long bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
    }
}
