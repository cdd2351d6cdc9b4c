package io.millrace.broker.journal;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The entries of one turn of a lane, as handed to the journal.
 *
 * @param lane whose they are; null for those of a recovery
 * @param entries in the order of their tickets
 * @param lastTicket the ticket of the last one
 * @param contentBytes the bytes of all contents
 * @param somebodyWaits whether to write them at once; otherwise they may wait for company a little
 */
public record JournalTurn(
        @Nullable LaneJournal lane,
        List<JournalEntry> entries,
        long lastTicket,
        long contentBytes,
        boolean somebodyWaits) {}
