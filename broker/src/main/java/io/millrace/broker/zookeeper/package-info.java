/** The metadata store on ZooKeeper: Curator as the client, and a ZooKeeper server embedded in the broker's process. */
@NullMarked
package io.millrace.broker.zookeeper;

import org.jspecify.annotations.NullMarked;
