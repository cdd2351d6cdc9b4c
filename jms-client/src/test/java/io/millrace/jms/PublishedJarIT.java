package io.millrace.jms;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** Looks into the jar that users get: everything that is not ours is relocated below io/millrace/jms/shaded. */
final class PublishedJarIT {
    private final Path jar = Path.of(System.getProperty("millrace.published.jar"));

    @Test
    void holdsNoClassOutsideOfThePackageOfTheClient() throws IOException {
        assertThat(entries())
                .filteredOn(name -> name.endsWith(".class"))
                .allMatch(name -> name.startsWith("io/millrace/jms/"));
    }

    @Test
    void carriesNettyRelocated() throws IOException {
        assertThat(entries()).anyMatch(name -> name.startsWith("io/millrace/jms/shaded/netty/channel/"));
    }

    @Test
    void carriesNoNativesSignaturesOrOtherReleases() throws IOException {
        assertThat(entries())
                .noneMatch(name -> name.endsWith(".so") || name.endsWith(".dll") || name.endsWith(".jnilib"))
                .noneMatch(name -> name.matches("META-INF/.*\\.(SF|RSA|DSA)"))
                .noneMatch(name -> name.startsWith("META-INF/versions/"))
                .noneMatch(name -> name.endsWith("module-info.class"));
    }

    private List<String> entries() throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.stream().map(ZipEntry::getName).toList();
        }
    }
}
