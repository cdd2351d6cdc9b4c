package io.millrace.broker.log;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The files that the logs of one lane hold open, and a bound for them: a process may have only so many. Where there is no room for another, the
 * log that has held some for long and was not used lately gives its files up; one with something unsynced only if no other is found, as it has to
 * wait for the disk.
 *
 * <p>Readers and syncs under way hold files of their own beside these.
 *
 * <p>Owned by the lane. A log is never asked to give up its files while it opens another, and no log calls another, so nobody's files close while
 * they are used.
 */
final class OpenFiles {
    /** How many logs are looked at to find one that gives up its files. */
    private static final int LOOKED_AT = 32;

    private final IntSupplier most;
    /** Those that hold files; first who has held them for longest, or was passed over long ago. */
    private final Set<LogFiles> holders = new LinkedHashSet<>();

    private int count;
    private boolean makingRoom;

    /** @param most how many there may be, at the moment */
    OpenFiles(IntSupplier most) {
        this.most = most;
    }

    /** How many files the lane's logs hold open. */
    int count() {
        return count;
    }

    int most() {
        return most.getAsInt();
    }

    /**
     * Sees to it that there is room for one more file, if any log but the one that asks holds some. Where there are too many, since logs were moved
     * here, it closes no more for a new one than it can without a sync, but for one.
     */
    void makeRoom(LogFiles asking) {
        if (makingRoom || count < most()) {
            return;
        }
        makingRoom = true;
        try {
            boolean synced = true;
            while (synced && count >= most()) {
                LogFiles found = find(asking);
                if (found == null) {
                    return;
                }
                int before = count;
                synced = !found.isDirty();
                found.giveUp();
                synced &= count < before;
            }
        } finally {
            makingRoom = false;
        }
    }

    private @Nullable LogFiles find(LogFiles asking) {
        List<LogFiles> passed = new ArrayList<>();
        LogFiles used = null;
        LogFiles dirty = null;
        LogFiles found = null;
        Iterator<LogFiles> candidates = holders.iterator();
        while (found == null && candidates.hasNext() && passed.size() < LOOKED_AT) {
            LogFiles each = candidates.next();
            passed.add(each);
            boolean wasUsed = each.takeUsed();
            if (each == asking || !each.canGiveUp()) {
                continue;
            }
            if (each.isDirty()) {
                dirty = dirty == null ? each : dirty;
            } else if (wasUsed) {
                used = used == null ? each : used;
            } else {
                found = each;
            }
        }
        passed.forEach(holders::remove);
        holders.addAll(passed);
        if (found != null) {
            return found;
        }
        return used != null ? used : dirty;
    }

    void onOpened(LogFiles by) {
        count++;
        holders.add(by);
    }

    void onClosed(LogFiles by) {
        count--;
        if (by.held() == 0) {
            holders.remove(by);
        }
    }

    /** A log moves to another lane, with what it holds open. */
    void onMoved(LogFiles files, OpenFiles others) {
        if (holders.remove(files)) {
            count -= files.held();
            others.count += files.held();
            others.holders.add(files);
        }
    }
}
