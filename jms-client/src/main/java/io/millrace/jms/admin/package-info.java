/** Creating, deleting, listing and describing destinations, for tools. */
@NullMarked
package io.millrace.jms.admin;

import org.jspecify.annotations.NullMarked;
