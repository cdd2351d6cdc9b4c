package io.millrace.broker.session;

import io.millrace.broker.metadata.ClientIds;
import io.millrace.broker.metadata.Destinations;
import io.millrace.broker.metadata.FormatUpgrade;
import io.millrace.broker.metadata.ProducerIds;
import io.millrace.broker.metadata.Reassignments;
import io.millrace.broker.metadata.StoredSettings;
import io.millrace.broker.metadata.SubscriptionRegistry;
import io.millrace.broker.metadata.Users;

/** What the cluster agrees on, as sessions ask for it. Immutable; its parts are for any thread. */
public record Registries(
        Destinations destinations,
        SubscriptionRegistry subscriptions,
        ClientIds clientIds,
        ProducerIds producerIds,
        Reassignments reassignments,
        StoredSettings settings,
        FormatUpgrade formatUpgrade,
        Users users) {}
