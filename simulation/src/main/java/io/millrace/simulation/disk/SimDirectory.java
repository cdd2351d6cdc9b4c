package io.millrace.simulation.disk;

import io.millrace.broker.log.StorageDirectory;
import io.millrace.broker.log.StorageException;
import io.millrace.broker.log.StorageException.Kind;
import io.millrace.broker.log.StorageFile;
import java.nio.ByteBuffer;
import java.util.List;

/** A directory of a simulated disk, as one process sees it. */
final class SimDirectory implements StorageDirectory {
    private final SimDisk disk;
    private final Folder folder;
    private final String path;
    private final int mount;

    SimDirectory(SimDisk disk, Folder folder, String path, int mount) {
        this.disk = disk;
        this.folder = folder;
        this.path = path;
        this.mount = mount;
    }

    @Override
    public List<String> list() {
        disk.requireMount(mount, path);
        return folder.names();
    }

    @Override
    public boolean exists(String name) {
        disk.requireMount(mount, path);
        return folder.contains(name);
    }

    @Override
    public long sizeOf(String name) {
        return require(name).sizeBytes();
    }

    @Override
    public StorageFile open(String name) {
        disk.requireMount(mount, path);
        Inode file = folder.file(name);
        if (file == null) {
            if (folder.contains(name)) {
                throw new StorageException(Kind.IO, pathOf(name) + " is a directory", null);
            }
            if (disk.roomBytes() <= 0) {
                throw disk.full(pathOf(name));
            }
            file = folder.createFile(name);
        }
        return new SimFile(disk, file, pathOf(name), mount);
    }

    @Override
    public StorageDirectory directory(String name) {
        disk.requireMount(mount, path);
        Folder below = folder.folder(name);
        if (below == null) {
            if (folder.contains(name)) {
                throw new StorageException(Kind.IO, pathOf(name) + " is a file", null);
            }
            below = folder.createFolder(name);
        }
        return new SimDirectory(disk, below, pathOf(name), mount);
    }

    @Override
    public void delete(String name) {
        disk.requireMount(mount, path);
        if (folder.contains(name)) {
            Inode file = folder.file(name);
            if (file != null) {
                disk.grow(-file.sizeBytes());
            }
            folder.remove(name);
        }
    }

    @Override
    public void replace(String name, ByteBuffer content) {
        disk.requireMount(mount, path);
        String temporary = name + ".new";
        if (content.remaining() > disk.roomBytes()) {
            throw disk.full(pathOf(name));
        }
        disk.grow(content.remaining());
        Inode file = folder.createFile(temporary);
        file.write(0, content.duplicate());
        disk.flush(pathOf(temporary), file);
        folder.rename(temporary, name);
        disk.flush(folder);
    }

    @Override
    public void sync() {
        disk.requireMount(mount, path);
        disk.flush(folder);
    }

    private Inode require(String name) {
        disk.requireMount(mount, path);
        Inode file = folder.file(name);
        if (file == null) {
            throw new StorageException(Kind.IO, "there is no file " + pathOf(name), null);
        }
        return file;
    }

    private String pathOf(String name) {
        return path + "/" + name;
    }
}
