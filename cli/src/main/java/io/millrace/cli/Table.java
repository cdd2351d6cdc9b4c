package io.millrace.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows under a heading, in columns as wide as their widest cell; numbers stand to the right. */
final class Table {
    private final List<List<Object>> rows = new ArrayList<>();

    Table(String... heading) {
        rows.add(List.of((Object[]) heading));
    }

    void row(Object... cells) {
        rows.add(List.of(cells));
    }

    boolean isEmpty() {
        return rows.size() == 1;
    }

    @Override
    public String toString() {
        int[] widths = new int[rows.get(0).size()];
        for (List<Object> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).toString().length());
            }
        }
        boolean[] isNumber = new boolean[widths.length];
        Arrays.fill(isNumber, true);
        for (List<Object> row : rows.subList(1, rows.size())) {
            for (int i = 0; i < widths.length; i++) {
                isNumber[i] &= row.get(i) instanceof Number;
            }
        }
        StringBuilder out = new StringBuilder();
        for (List<Object> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String cell = row.get(i).toString();
                String space = " ".repeat(widths[i] - cell.length());
                line.append("  ").append(isNumber[i] ? space + cell : cell + space);
            }
            out.append(line.toString().stripTrailing()).append(System.lineSeparator());
        }
        return out.toString();
    }
}
