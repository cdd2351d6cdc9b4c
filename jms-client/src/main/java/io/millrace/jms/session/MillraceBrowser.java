package io.millrace.jms.session;

import io.millrace.jms.MillraceDestination;
import io.millrace.jms.engine.BrowsePage;
import io.millrace.jms.engine.Destination;
import io.millrace.jms.message.DeliveryFacts;
import io.millrace.jms.message.MillraceMessage;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import java.util.ArrayDeque;
import java.util.Enumeration;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * A browser of a queue (Jakarta Messaging 3.1, 6.2.12): each enumeration reads page by page what waits, up to where the
 * queue ended when it was begun. For the session's thread, closing excepted.
 */
final class MillraceBrowser implements QueueBrowser {
    private final MillraceSession session;
    private final MillraceDestination queue;
    private final Destination resolved;
    private volatile boolean isClosed;

    MillraceBrowser(MillraceSession session, MillraceDestination queue, Destination resolved) {
        this.session = session;
        this.queue = queue;
        this.resolved = resolved;
    }

    private void checkOpen() throws JMSException {
        if (isClosed) {
            throw new IllegalStateException("the browser is closed");
        }
        session.checkOpen();
    }

    @Override
    public Queue getQueue() throws JMSException {
        checkOpen();
        return (Queue) queue;
    }

    @Override
    public @Nullable String getMessageSelector() throws JMSException {
        checkOpen();
        return null;
    }

    @Override
    public Enumeration<MillraceMessage> getEnumeration() throws JMSException {
        checkOpen();
        return new Messages();
    }

    @Override
    public void close() {
        isClosed = true;
    }

    /** One walk through the queue. */
    @SuppressWarnings("JdkObsolete") // QueueBrowser answers with an Enumeration
    private final class Messages implements Enumeration<MillraceMessage> {
        private final ArrayDeque<MillraceMessage> page = new ArrayDeque<>();
        private int partition;
        private long nextOffset;
        private long endOffset = -1;

        @Override
        public boolean hasMoreElements() {
            try {
                while (page.isEmpty() && partition < resolved.partitionCount()) {
                    read();
                }
            } catch (JMSException e) {
                throw Unchecked.of(e);
            }
            return !page.isEmpty();
        }

        @Override
        public MillraceMessage nextElement() {
            if (!hasMoreElements()) {
                throw new NoSuchElementException("no more messages");
            }
            return page.remove();
        }

        private void read() throws JMSException {
            checkOpen();
            int from = partition;
            long offset = nextOffset;
            BrowsePage read = session.connection()
                    .await(
                            "browsing " + queue,
                            (engine, reply, nowMs) -> engine.browse(resolved, from, offset, reply, nowMs));
            if (endOffset < 0) {
                endOffset = read.endOffset();
            }
            for (BrowsePage.Message message : read.messages()) {
                if (message.offset() < endOffset) {
                    page.add(decode(message));
                }
            }
            if (read.nextOffset() >= endOffset || read.nextOffset() <= nextOffset) {
                partition++;
                nextOffset = 0;
                endOffset = -1;
            } else {
                nextOffset = read.nextOffset();
            }
        }

        private MillraceMessage decode(BrowsePage.Message message) throws JMSException {
            byte[] record = new byte[message.record().remaining()];
            message.record().duplicate().get(record);
            return session.connection()
                    .decoder()
                    .decode(
                            record,
                            new DeliveryFacts(
                                    queue,
                                    resolved.name().topicName(),
                                    partition,
                                    message.offset(),
                                    message.timestampMs(),
                                    message.deliveryCount()));
        }
    }
}
