/** The wire: framing, API keys, versions, record batches; the message classes are generated from JSON schemas. */
@NullMarked
package io.millrace.protocol;

import org.jspecify.annotations.NullMarked;
