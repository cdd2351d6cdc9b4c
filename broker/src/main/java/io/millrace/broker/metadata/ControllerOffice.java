package io.millrace.broker.metadata;

import io.millrace.broker.partition.Reply;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a controller may do. Called on the metadata thread; replies come on it, never inside the call. */
public interface ControllerOffice {
    /** Nobody is said to be dead. */
    int NOBODY = -1;

    /**
     * Tries to become the controller; fails if another broker is, or came first.
     *
     * @param dead a controller that is dead though the store has not noticed yet, or {@link #NOBODY}
     */
    void campaign(int dead, Reply<@Nullable Void> reply);

    /**
     * Changes these partitions, all or none, if this broker is the controller still; answers when the image says what
     * became of them, whether it was done or not, and fails with {@code NOT_CONTROLLER} when another broker is the controller.
     */
    void change(List<PartitionChange> changes, Reply<@Nullable Void> reply);

    /** Says that every partition that could be is led by its preferred leader. */
    void endPreferredElection();
}
