/** The house rules as tests that every module runs on itself. */
@NullMarked
package io.millrace.architecture;

import org.jspecify.annotations.NullMarked;
