package io.millrace.broker.partition;

import io.millrace.broker.log.StorageException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells operators once that the disk has no room for a partition's messages, and once that it has again. Owned by the partition's lane. */
final class FullDiskNotice {
    private static final Logger LOG = LoggerFactory.getLogger(FullDiskNotice.class);

    private final PartitionId id;
    private boolean isGiven;

    FullDiskNotice(PartitionId id) {
        this.id = id;
    }

    void onNoRoom(StorageException cause) {
        if (!isGiven) {
            isGiven = true;
            LOG.atWarn().addKeyValue("partition", id).setCause(cause).log("the disk is full: messages are refused");
        }
    }

    void onRoom() {
        if (isGiven) {
            isGiven = false;
            LOG.atInfo().addKeyValue("partition", id).log("the disk has room for messages again");
        }
    }
}
