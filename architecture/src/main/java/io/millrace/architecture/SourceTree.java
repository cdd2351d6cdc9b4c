package io.millrace.architecture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The Java files below a source root, measured as text. Immutable. */
final class SourceTree {
    private final List<SourceFile> files;

    private SourceTree(List<SourceFile> files) {
        this.files = files;
    }

    static SourceTree of(Path root) throws IOException {
        if (!Files.isDirectory(root)) {
            return new SourceTree(List.of());
        }
        try (Stream<Path> walk = Files.walk(root)) {
            List<Path> paths =
                    walk.filter(p -> p.toString().endsWith(".java")).sorted().toList();
            List<SourceFile> files = new ArrayList<>();
            for (Path path : paths) {
                files.add(new SourceFile(path, Files.readString(path)));
            }
            return new SourceTree(List.copyOf(files));
        }
    }

    List<String> filesLongerThan(int lines) {
        return files.stream()
                .filter(file -> file.lines() > lines)
                .map(file -> file.path() + ": " + file.lines() + " lines")
                .toList();
    }

    List<Path> packagesWithoutNullMarked() {
        List<Path> marked = files.stream()
                .filter(file -> file.isNamed("package-info.java") && file.text().contains("@NullMarked"))
                .map(SourceFile::directory)
                .toList();
        return files.stream()
                .map(SourceFile::directory)
                .distinct()
                .filter(directory -> !marked.contains(directory))
                .toList();
    }

    private record SourceFile(Path path, String text) {
        long lines() {
            return text.lines().count();
        }

        boolean isNamed(String name) {
            return path.endsWith(name);
        }

        Path directory() {
            return Objects.requireNonNull(path.getParent(), "a listed file has a parent");
        }
    }
}
