package io.millrace.broker.group;

import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The groups of one partition at their coordinator, and when each is to be looked at. Leader-volatile. Owned by the partition's lane. */
final class GroupTable {
    private final SortedMap<String, Group> groups = new TreeMap<>();
    private final Timers timers = new Timers();
    private boolean isOpen = true;

    @Nullable
    Group find(String id) {
        return groups.get(id);
    }

    Group findOrAdd(String id, long nowMs) {
        return groups.computeIfAbsent(id, absent -> new Group(absent, nowMs));
    }

    void add(Group group) {
        groups.put(group.id(), group);
        watch(group);
    }

    /** The group is gone: whoever still holds it finds it dead. */
    void remove(Group group, long nowMs) {
        group.become(GroupState.DEAD, nowMs);
        groups.remove(group.id(), group);
        timers.forget(group);
    }

    /** All groups, by id; a copy. */
    Collection<Group> all() {
        return List.copyOf(groups.values());
    }

    /** To be called when a group's next deadline may have come nearer. */
    void watch(Group group) {
        if (!group.is(GroupState.DEAD)) {
            timers.at(group, group.nextDeadlineMs());
        }
    }

    Timers timers() {
        return timers;
    }

    /** Whether this is the coordinator still. */
    boolean isOpen() {
        return isOpen;
    }

    /** Forgets all groups for good. */
    void clear() {
        isOpen = false;
        groups.clear();
        timers.clear();
    }
}
