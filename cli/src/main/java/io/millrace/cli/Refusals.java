package io.millrace.cli;

import io.millrace.jms.admin.Reassignment;
import io.millrace.jms.admin.ReassignmentAnswer;
import io.millrace.protocol.DestinationKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The partitions that were refused to move, or of which it is not known, by the reason. Immutable. */
final class Refusals {
    private static final int MOST_REASONS = 5;
    private static final int MOST_DESTINATIONS = 5;
    private static final int MOST_INDEXES = 16;

    private final int asked;
    private final Map<ReassignmentAnswer, List<Reassignment>> byReason = new LinkedHashMap<>();

    /**
     * What was refused.
     *
     * @param answers one for each move, in their order
     */
    Refusals(List<Reassignment> moves, List<ReassignmentAnswer> answers) {
        asked = moves.size();
        for (int at = 0; at < moves.size(); at++) {
            ReassignmentAnswer answer = answers.get(at);
            if (answer.isRefused()) {
                byReason.computeIfAbsent(answer, reason -> new ArrayList<>()).add(moves.get(at));
            }
        }
    }

    boolean isEmpty() {
        return byReason.isEmpty();
    }

    /** Whether nothing moves, for sure. */
    boolean areAll() {
        return count() == asked && !haveDoubts();
    }

    /** Whether it is not known of some. */
    boolean haveDoubts() {
        return byReason.keySet().stream().anyMatch(ReassignmentAnswer::isInDoubt);
    }

    private int count() {
        return byReason.values().stream().mapToInt(List::size).sum();
    }

    /** The failure for the user: each reason once, with the partitions that it is for. */
    CommandException failure(String aftermath) {
        String reasons = byReason.entrySet().stream()
                .limit(MOST_REASONS)
                .map(entry -> names(entry.getValue()) + ": " + entry.getKey().reason())
                .collect(Collectors.joining("; "));
        int more = byReason.size() - MOST_REASONS;
        return CommandException.failed(
                byReason.keySet().iterator().next().errorCode(),
                count() + " of " + asked + " partitions "
                        + (haveDoubts() ? "were refused, or it is not known whether they move: " : "were refused: ")
                        + reasons
                        + (more > 0 ? "; and " + more + " more reasons" : "") + "; " + aftermath);
    }

    /** Such as {@code queue:orders 0,1,2 and topic:prices 0}. */
    private static String names(List<Reassignment> moves) {
        Map<String, List<Integer>> indexes = new LinkedHashMap<>();
        for (Reassignment move : moves) {
            String kind = (move.isQueue() ? DestinationKind.QUEUE : DestinationKind.TOPIC).word();
            indexes.computeIfAbsent(kind + ":" + move.destination(), name -> new ArrayList<>())
                    .add(move.index());
        }
        int more = indexes.size() - MOST_DESTINATIONS;
        return indexes.entrySet().stream()
                        .limit(MOST_DESTINATIONS)
                        .map(entry -> entry.getKey() + " " + joined(entry.getValue()))
                        .collect(Collectors.joining(" and "))
                + (more > 0 ? " and of " + more + " more destinations" : "");
    }

    private static String joined(List<Integer> indexes) {
        return indexes.stream().limit(MOST_INDEXES).map(String::valueOf).collect(Collectors.joining(","))
                + (indexes.size() > MOST_INDEXES ? ",..." : "");
    }
}
