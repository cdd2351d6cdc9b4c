/** The Jakarta Messaging 3.1 API over the wire. */
@NullMarked
package io.millrace.jms;

import org.jspecify.annotations.NullMarked;
