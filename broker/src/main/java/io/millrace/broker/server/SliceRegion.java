package io.millrace.broker.server;

import io.millrace.broker.log.LogSlice;
import io.netty.channel.DefaultFileRegion;
import java.nio.channels.FileChannel;

/**
 * A slice of a log on its way from the page cache to the socket. The file belongs to the log: it is given back here, not closed. Stays a
 * {@link DefaultFileRegion}, since Netty's epoll transport sends only those by sendfile. Owned by the connection's lane.
 */
final class SliceRegion extends DefaultFileRegion {
    private final LogSlice slice;

    SliceRegion(FileChannel channel, LogSlice slice) {
        super(channel, slice.position(), slice.lengthBytes());
        this.slice = slice;
    }

    @Override
    protected void deallocate() {
        slice.release();
    }
}
