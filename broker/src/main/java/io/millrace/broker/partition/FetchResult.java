package io.millrace.broker.partition;

import io.millrace.protocol.ErrorCode;

/**
 * What a fetch read.
 *
 * @param error {@link ErrorCode#NONE} or what was wrong
 * @param highWatermark the first offset not yet committed
 * @param lastStableOffset the first offset of an open transaction, or the high watermark
 * @param logStartOffset the first offset kept
 */
public record FetchResult(ErrorCode error, long highWatermark, long lastStableOffset, long logStartOffset) {}
