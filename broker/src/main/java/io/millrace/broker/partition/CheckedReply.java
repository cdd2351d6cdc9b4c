package io.millrace.broker.partition;

import io.millrace.protocol.ErrorCode;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Looks once more, when an append is committed, whether enough replicas have it. */
final class CheckedReply implements Reply<AppendResult> {
    private final Reply<AppendResult> reply;
    private final BooleanSupplier isEnough;
    private final Supplier<String> otherwise;

    CheckedReply(Reply<AppendResult> reply, BooleanSupplier isEnough, Supplier<String> otherwise) {
        this.reply = reply;
        this.isEnough = isEnough;
        this.otherwise = otherwise;
    }

    @Override
    public void complete(AppendResult result) {
        if (isEnough.getAsBoolean()) {
            reply.complete(result);
        } else {
            reply.fail(ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND, otherwise.get());
        }
    }

    @Override
    public void fail(ErrorCode error, String message) {
        reply.fail(error, message);
    }
}
