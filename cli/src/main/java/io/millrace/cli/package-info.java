/** bin/millrace: one command with subcommands. */
@NullMarked
package io.millrace.cli;

import org.jspecify.annotations.NullMarked;
