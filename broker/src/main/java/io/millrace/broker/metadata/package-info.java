/**
 * What the cluster agrees on: destinations, settings, durable subscriptions, client ids, producer ids, users. The
 * cores here decide and fold; a {@link io.millrace.broker.metadata.MetadataStore} keeps.
 */
@NullMarked
package io.millrace.broker.metadata;

import org.jspecify.annotations.NullMarked;
