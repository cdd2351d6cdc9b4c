/** The objects of Jakarta Messaging: connections, sessions, producers, consumers, contexts. Applications see the interfaces. */
@NullMarked
package io.millrace.jms.session;

import org.jspecify.annotations.NullMarked;
