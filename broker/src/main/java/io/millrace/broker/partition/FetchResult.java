package io.millrace.broker.partition;

import io.millrace.broker.log.LogSlice;
import io.millrace.protocol.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * What a fetch read.
 *
 * @param error {@link ErrorCode#NONE} or what was wrong
 * @param highWatermark the first offset not yet committed
 * @param lastStableOffset the first offset of an open transaction, or the high watermark
 * @param logStartOffset the first offset kept
 * @param records whole batches, the first of which may begin below the offset asked for; to be released; null if there are none
 */
public record FetchResult(
        ErrorCode error,
        long highWatermark,
        long lastStableOffset,
        long logStartOffset,
        @Nullable LogSlice records) {}
