/** The six message types, and how they become records and come back from them. */
@NullMarked
package io.millrace.jms.message;

import org.jspecify.annotations.NullMarked;
