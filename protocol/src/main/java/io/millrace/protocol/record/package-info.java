/** Record batches of format v2 (KIP-98) as bytes: a view, a writer, a reader, the codecs. */
@NullMarked
package io.millrace.protocol.record;

import org.jspecify.annotations.NullMarked;
