package io.millrace.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ArchitectureTest implements HouseRules {
    @Override
    public String rootPackage() {
        return "io.millrace.architecture";
    }

    @Test
    void reportsAClassBeyondTheLimit(@TempDir Path root) throws IOException {
        // Given
        Files.writeString(root.resolve("Short.java"), "\n".repeat(600));
        Files.writeString(root.resolve("Long.java"), "\n".repeat(601));
        // When
        SourceTree tree = SourceTree.of(root);
        // Then
        assertThat(tree.filesLongerThan(600))
                .singleElement()
                .asString()
                .contains("Long.java")
                .contains("601");
    }

    @Test
    void reportsAPackageWithoutNullMarked(@TempDir Path root) throws IOException {
        // Given
        Path marked = Files.createDirectory(root.resolve("marked"));
        Files.writeString(marked.resolve("package-info.java"), "@NullMarked package marked;");
        Path bare = Files.createDirectory(root.resolve("bare"));
        Files.writeString(bare.resolve("A.java"), "package bare;");
        // When
        SourceTree tree = SourceTree.of(root);
        // Then
        assertThat(tree.packagesWithoutNullMarked()).containsExactly(bare);
    }
}
