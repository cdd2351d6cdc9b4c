package io.millrace.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a number of bytes such as {@code 1024}, {@code 64k} or {@code 10m}. */
final class SizeConverter implements ITypeConverter<Integer> {
    private static final Pattern FORM = Pattern.compile("(\\d{1,10})([kKmM]?)");

    @Override
    public Integer convert(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new TypeConversionException("'" + text + "' is not a size such as 1024, 64k or 10m");
        }
        long factor =
                switch (matcher.group(2)) {
                    case "k", "K" -> 1024;
                    case "m", "M" -> 1024 * 1024;
                    default -> 1;
                };
        long bytes = Long.parseLong(matcher.group(1)) * factor;
        if (bytes > Integer.MAX_VALUE) {
            throw new TypeConversionException("'" + text + "' is more than the 2 GiB that a message can have");
        }
        return (int) bytes;
    }
}
