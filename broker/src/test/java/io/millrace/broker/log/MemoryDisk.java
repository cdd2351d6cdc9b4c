package io.millrace.broker.log;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that can lose power: what was not forced may survive by pages or not at all, sizes and names likewise. Old handles are dead
 * after a crash. Counts forces; can be full; can fail the next force.
 */
public final class MemoryDisk {
    private final MemoryDirectory root = new MemoryDirectory("");
    private int pageBytes = 4096;
    private long capacityBytes = Long.MAX_VALUE;
    private long usedBytes;
    private int life;
    private StorageException.@Nullable Kind failForce;
    private int goodForces;
    private long forces;
    private int openFiles;
    private long bytesRead;
    private int deletions = -1;

    public StorageDirectory root() {
        return root;
    }

    /** How much of a write is kept or lost as one. */
    public void pageBytes(int bytes) {
        pageBytes = bytes;
    }

    /** How many bytes of files there may be from now on. */
    public void capacity(long bytes) {
        capacityBytes = bytes;
    }

    public long usedBytes() {
        return usedBytes;
    }

    /** How the next forces fail; null if they do not. */
    public void failForce(StorageException.@Nullable Kind kind) {
        failForce(kind, 0);
    }

    /** How forces fail when so many more have gone well. */
    public void failForce(StorageException.@Nullable Kind kind, int afterForces) {
        failForce = kind;
        goodForces = afterForces;
    }

    /** How many files are open. */
    public int openFiles() {
        return openFiles;
    }

    public long forces() {
        return forces;
    }

    public long bytesRead() {
        return bytesRead;
    }

    /** The process is killed when it has deleted so many more files. */
    public void killAfterDeletions(int count) {
        deletions = count;
    }

    /** Loses power: every page, size and name that was not forced is kept or lost by chance. */
    public void crash(Random random) {
        life++;
        deletions = -1;
        root.crash(random);
        usedBytes = files().stream().mapToLong(this::size).sum();
    }

    /** Kills the process: what was written stays. */
    public void kill() {
        life++;
        deletions = -1;
    }

    /** Flips a bit of what is on the disk. */
    public void flipBit(String path, long position, int bit) {
        Inode inode = inode(path);
        inode.data[(int) position] ^= (byte) (1 << bit);
        if (position < inode.durable.length) {
            inode.durable[(int) position] ^= (byte) (1 << bit);
        }
    }

    public long size(String path) {
        return inode(path).size;
    }

    /** How much of a file was forced. */
    public long syncedBytes(String path) {
        return inode(path).durable.length;
    }

    public byte[] bytes(String path) {
        Inode inode = inode(path);
        return Arrays.copyOf(inode.data, inode.size);
    }

    public void overwrite(String path, byte[] content) {
        Inode inode = inode(path);
        inode.data = content.clone();
        inode.size = content.length;
        inode.durable = content.clone();
    }

    /** Puts a file where there is none. */
    public void put(String path, byte[] content) {
        int slash = path.lastIndexOf('/');
        StorageDirectory at = root;
        for (String name : path.substring(0, slash).split("/", -1)) {
            at = at.directory(name);
        }
        at.replace(path.substring(slash + 1), ByteBuffer.wrap(content));
    }

    private Inode inode(String path) {
        MemoryDirectory at = root;
        String[] names = path.split("/", -1);
        for (int i = 0; i < names.length - 1; i++) {
            at = (MemoryDirectory) at.names.get(names[i]);
        }
        return (Inode) at.names.get(names[names.length - 1]);
    }

    private static final class Inode {
        private byte[] data = new byte[0];
        private int size;
        private byte[] durable = new byte[0];
        private final BitSet dirty = new BitSet();
    }

    private final class MemoryDirectory implements StorageDirectory {
        private final String path;
        private final Map<String, Object> names = new TreeMap<>();
        private Map<String, Object> durableNames = new TreeMap<>();

        MemoryDirectory(String path) {
            this.path = path;
        }

        @Override
        public synchronized List<String> list() {
            return List.copyOf(names.keySet());
        }

        @Override
        public synchronized boolean exists(String name) {
            return names.containsKey(name);
        }

        @Override
        public synchronized long sizeOf(String name) {
            return ((Inode) names.get(name)).size;
        }

        @Override
        public synchronized StorageFile open(String name) {
            if (!names.containsKey(name) && usedBytes >= capacityBytes) {
                throw new StorageException(StorageException.Kind.DISK_FULL, path + "/" + name + ": no room", null);
            }
            openFiles++;
            return new MemoryFile(path + "/" + name, (Inode) names.computeIfAbsent(name, n -> new Inode()));
        }

        @Override
        public synchronized StorageDirectory directory(String name) {
            return (StorageDirectory) names.computeIfAbsent(name, n -> new MemoryDirectory(path + "/" + n));
        }

        @Override
        public synchronized void delete(String name) {
            Object node = names.get(name);
            if (node instanceof Inode inode) {
                if (deletions-- == 0) {
                    throw new IllegalStateException("killed before " + path + "/" + name + " was deleted");
                }
                usedBytes -= inode.size;
            } else if (node instanceof MemoryDirectory directory) {
                List.copyOf(directory.names.keySet()).forEach(directory::delete);
            }
            names.remove(name);
        }

        @Override
        public synchronized void replace(String name, ByteBuffer content) {
            Inode inode = new Inode();
            MemoryFile file = new MemoryFile(path + "/" + name, inode);
            file.write(0, content);
            file.force();
            delete(name);
            names.put(name, inode);
            sync();
        }

        @Override
        public synchronized void sync() {
            durableNames = new TreeMap<>(names);
        }

        private void crash(Random random) {
            Map<String, Object> survived = new TreeMap<>();
            Map<String, Object> all = new TreeMap<>(durableNames);
            all.putAll(names);
            all.forEach((name, node) -> {
                boolean sure = durableNames.get(name) == node && names.get(name) == node;
                if (sure || random.nextBoolean()) {
                    boolean old = durableNames.containsKey(name) && names.get(name) != node;
                    survived.put(name, old ? durableNames.get(name) : node);
                } else if (durableNames.containsKey(name) && names.containsKey(name)) {
                    survived.put(name, durableNames.get(name));
                }
            });
            names.clear();
            names.putAll(survived);
            durableNames = new TreeMap<>(survived);
            for (Object node : survived.values()) {
                if (node instanceof Inode inode) {
                    crash(inode, random);
                } else {
                    ((MemoryDirectory) node).crash(random);
                }
            }
        }

        private void crash(Inode inode, Random random) {
            int sizeAfter = random.nextBoolean() ? inode.size : inode.durable.length;
            byte[] after = Arrays.copyOf(inode.durable, sizeAfter);
            for (int page = inode.dirty.nextSetBit(0); page >= 0; page = inode.dirty.nextSetBit(page + 1)) {
                int from = page * pageBytes;
                int to = Math.min(Math.min(from + pageBytes, inode.size), sizeAfter);
                if (from < to && random.nextInt(3) > 0) {
                    System.arraycopy(inode.data, from, after, from, to - from);
                }
            }
            inode.data = after;
            inode.size = after.length;
            inode.durable = after.clone();
            inode.dirty.clear();
        }
    }

    private final class MemoryFile implements StorageFile {
        private final String path;
        private final Inode inode;
        private final int bornIn = life;
        private boolean closed;

        MemoryFile(String path, Inode inode) {
            this.path = path;
            this.inode = inode;
        }

        @Override
        public void write(long position, ByteBuffer... buffers) {
            synchronized (inode) {
                check();
                for (ByteBuffer buffer : buffers) {
                    while (buffer.hasRemaining()) {
                        int at = (int) position;
                        int room = (int) Math.max(0, Math.min(buffer.remaining(), capacityBytes - usedBytes));
                        int inside = Math.min(buffer.remaining(), Math.max(0, inode.size - at));
                        int count = Math.max(inside, Math.min(buffer.remaining(), inside + room));
                        put(at, buffer, count);
                        position += count;
                        if (buffer.hasRemaining()) {
                            throw new StorageException(StorageException.Kind.DISK_FULL, path + ": full", null);
                        }
                    }
                }
            }
        }

        private void put(int at, ByteBuffer buffer, int count) {
            if (count == 0) {
                return;
            }
            int end = at + count;
            if (end > inode.data.length) {
                inode.data = Arrays.copyOf(inode.data, Math.max(end, inode.data.length * 2));
            }
            if (end > inode.size) {
                Arrays.fill(inode.data, inode.size, Math.max(inode.size, at), (byte) 0);
                usedBytes += end - inode.size;
                inode.size = end;
            }
            buffer.get(inode.data, at, count);
            inode.dirty.set(at / pageBytes, (end - 1) / pageBytes + 1);
        }

        @Override
        public int read(long position, ByteBuffer into) {
            synchronized (inode) {
                check();
                int count = (int) Math.max(0, Math.min(into.remaining(), inode.size - position));
                into.put(inode.data, (int) Math.min(position, inode.size), count);
                bytesRead += count;
                return count;
            }
        }

        @Override
        public long size() {
            check();
            return inode.size;
        }

        @Override
        public void truncate(long size) {
            synchronized (inode) {
                check();
                if (size < inode.size) {
                    usedBytes -= inode.size - size;
                    inode.size = (int) size;
                    Arrays.fill(inode.data, inode.size, inode.data.length, (byte) 0);
                }
            }
        }

        @Override
        public void force() {
            synchronized (inode) {
                check();
                forces++;
                if (failForce != null && goodForces-- <= 0) {
                    throw new StorageException(failForce, path + ": force fails", null);
                }
                inode.durable = Arrays.copyOf(inode.data, inode.size);
                inode.dirty.clear();
            }
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                openFiles--;
            }
        }

        private void check() {
            if (closed || bornIn != life) {
                throw new IllegalStateException("using the closed file " + path);
            }
        }
    }

    /** The paths of all files. */
    public List<String> files() {
        List<String> paths = new ArrayList<>();
        collect(root, "", paths);
        return paths;
    }

    private void collect(MemoryDirectory directory, String prefix, List<String> into) {
        directory.names.forEach((name, node) -> {
            if (node instanceof MemoryDirectory child) {
                collect(child, prefix + name + "/", into);
            } else {
                into.add(prefix + name);
            }
        });
    }
}
