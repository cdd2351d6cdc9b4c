package io.millrace.broker.disk;

import io.millrace.broker.log.StorageDirectory;
import io.millrace.broker.log.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A directory of the file system. */
public final class DiskDirectory implements StorageDirectory {
    private static final String TEMPORARY = ".tmp";

    /** How many files may be made in a directory while it is deleted. */
    private static final int LATE_FILES = 4;

    private final Path path;

    /** A directory, made if there is none. */
    public DiskDirectory(Path path) {
        this.path = path;
        try {
            Files.createDirectories(path);
        } catch (IOException e) {
            throw Disk.failure("make directory " + path, e);
        }
    }

    public Path path() {
        return path;
    }

    @Override
    public List<String> list() {
        try (Stream<Path> files = Files.list(path)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.endsWith(TEMPORARY))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw Disk.failure("list " + path, e);
        }
    }

    @Override
    public boolean exists(String name) {
        return Files.exists(path.resolve(name));
    }

    @Override
    public long sizeOf(String name) {
        try {
            return Files.size(path.resolve(name));
        } catch (IOException e) {
            throw Disk.failure("size of " + path.resolve(name), e);
        }
    }

    @Override
    public StorageFile open(String name) {
        Path file = path.resolve(name);
        try {
            return new DiskFile(file, openChannel(file));
        } catch (IOException e) {
            throw Disk.failure("open " + file, e);
        }
    }

    @Override
    public @Nullable StorageFile openIfExists(String name) {
        Path file = path.resolve(name);
        try {
            return new DiskFile(file, FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE));
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw Disk.failure("open " + file, e);
        }
    }

    private static FileChannel openChannel(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    @Override
    public StorageDirectory directory(String name) {
        return new DiskDirectory(path.resolve(name));
    }

    @Override
    public void delete(String name) {
        Path target = path.resolve(name);
        try {
            if (Files.isDirectory(target)) {
                deleteTree(target);
            } else {
                Files.deleteIfExists(target);
            }
        } catch (NoSuchFileException e) {
            // It is gone, which is what was asked for.
        } catch (IOException e) {
            throw Disk.failure("delete " + target, e);
        }
    }

    /** A checkpoint may write a small file for each log meanwhile, not knowing that they go. */
    private static void deleteTree(Path target) throws IOException {
        for (int left = LATE_FILES; ; left--) {
            try {
                Files.walkFileTree(target, new Deleter());
                return;
            } catch (DirectoryNotEmptyException e) {
                if (left == 0) {
                    throw e;
                }
            }
        }
    }

    @Override
    public void replace(String name, ByteBuffer content) {
        Path target = path.resolve(name);
        Path temporary = path.resolve(name + TEMPORARY);
        try {
            try (FileChannel channel = openChannel(temporary)) {
                channel.truncate(0);
                while (content.hasRemaining()) {
                    channel.write(content);
                }
                channel.force(true);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw Disk.failure("replace " + target, e);
        }
        sync();
    }

    /** A directory that was deleted meanwhile has no names to sync. */
    @Override
    public void sync() {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (NoSuchFileException e) {
            return;
        } catch (IOException e) {
            throw Disk.syncFailure("sync directory " + path, e);
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }

    private static final class Deleter extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
            }
            throw e;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) throws IOException {
            if (e != null) {
                throw e;
            }
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
        }
    }
}
