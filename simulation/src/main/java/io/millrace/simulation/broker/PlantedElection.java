package io.millrace.simulation.broker;

import io.millrace.broker.metadata.StoreWrite;
import io.millrace.broker.metadata.StoredValue;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Elections as a controller would hold them that takes any living replica, in sync or not. */
final class PlantedElection {
    private static final Pattern LEADER = Pattern.compile("\"leader\"\\s*:\\s*-?\\d+");
    private static final Pattern EPOCH = Pattern.compile("\"leaderEpoch\"\\s*:\\s*(\\d+)");
    private static final Pattern IN_SYNC = Pattern.compile("\"isr\"\\s*:\\s*\\[([^]]*)]");
    private static final Pattern SINCE = Pattern.compile("\"isrEpochs\"\\s*:\\s*\\[[^]]*]");
    private static final String BROKERS = "/millrace/brokers/ids";
    /** As many brokers as there are replicas: each has all partitions. */
    private static final int BROKERS_OF_ALL = 3;

    private PlantedElection() {}

    static List<StoreWrite> of(List<StoreWrite> writes, SimEnsemble ensemble) {
        List<StoreWrite> altered = new ArrayList<>();
        for (StoreWrite write : writes) {
            altered.add(write instanceof StoreWrite.Set set ? altered(set, ensemble) : write);
        }
        return altered;
    }

    private static StoreWrite altered(StoreWrite.Set set, SimEnsemble ensemble) {
        StoredValue present = ensemble.get(set.path());
        List<StoredValue> living = ensemble.list(BROKERS);
        Matcher inSync = IN_SYNC.matcher(set.text());
        if (present == null
                || living.size() > BROKERS_OF_ALL
                || !set.path().contains("/partitions/")
                || epoch(set.text()) <= epoch(present.text())
                || !inSync.find()) {
            return set;
        }
        List<String> members = List.of(inSync.group(1).replace(" ", "").split(",", -1));
        for (StoredValue broker : living) {
            String id = broker.path().substring(BROKERS.length() + 1);
            if (!members.contains(id)) {
                String text = LEADER.matcher(set.text()).replaceFirst("\"leader\":" + id);
                text = IN_SYNC.matcher(text).replaceFirst("\"isr\":[" + id + "]");
                text = SINCE.matcher(text).replaceFirst("\"isrEpochs\":[" + broker.createdAt() + "]");
                return new StoreWrite.Set(set.path(), text, set.expectedVersion());
            }
        }
        return set;
    }

    private static int epoch(String text) {
        Matcher matcher = EPOCH.matcher(text);
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : -1;
    }
}
