package io.millrace.broker.kafka;

import io.millrace.broker.partition.Reply;
import io.millrace.broker.session.ConnectionSession;
import io.millrace.broker.session.Request;
import io.millrace.protocol.ErrorCode;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.message.SaslAuthenticateRequestData;
import org.apache.kafka.common.message.SaslAuthenticateResponseData;
import org.apache.kafka.common.message.SaslHandshakeRequestData;
import org.apache.kafka.common.message.SaslHandshakeResponseData;
import org.jspecify.annotations.Nullable;

/**
 * Serves SaslHandshake and SaslAuthenticate, with PLAIN as the mechanism. After a handshake of version 0 the token comes bare, as a frame
 * without a header, and is answered by an empty frame.
 */
final class SaslApis {
    private static final String PLAIN = "PLAIN";
    private static final short BARE_TOKENS = 0;
    private static final byte[] NO_BYTES = new byte[0];

    private SaslApis() {}

    static void handshake(Request request, long nowMs) {
        SaslHandshakeRequestData message = (SaslHandshakeRequestData) request.message();
        SaslHandshakeResponseData response = new SaslHandshakeResponseData().setMechanisms(List.of(PLAIN));
        if (!message.mechanism().equals(PLAIN)) {
            response.setErrorCode(ErrorCode.UNSUPPORTED_SASL_MECHANISM.code());
        } else if (request.version() == BARE_TOKENS) {
            ConnectionSession session = request.session();
            session.authentication().expectRawToken(token -> onBareToken(session, token));
        }
        request.answer(response);
    }

    static void authenticate(Request request, long nowMs) {
        SaslAuthenticateRequestData message = (SaslAuthenticateRequestData) request.message();
        Plain plain = Plain.parse(message.authBytes());
        if (plain == null) {
            refuse(request, "the token is not one of SASL PLAIN");
            return;
        }
        request.session().authentication().authenticate(plain.user, plain.password, new Reply<String>() {
            @Override
            public void complete(String user) {
                request.answer(
                        new SaslAuthenticateResponseData().setErrorMessage(null).setAuthBytes(NO_BYTES));
            }

            @Override
            public void fail(ErrorCode error, String reason) {
                refuse(request, reason);
            }
        });
    }

    private static void refuse(Request request, String reason) {
        request.answer(new SaslAuthenticateResponseData()
                .setErrorCode(ErrorCode.SASL_AUTHENTICATION_FAILED.code())
                .setErrorMessage(reason)
                .setAuthBytes(NO_BYTES));
        request.session().refuse("authentication failed", reason);
    }

    private static void onBareToken(ConnectionSession session, ByteBuf token) {
        byte[] bytes = new byte[token.readableBytes()];
        token.readBytes(bytes);
        Plain plain = Plain.parse(bytes);
        if (plain == null) {
            session.refuse("authentication failed", "the token is not one of SASL PLAIN");
            return;
        }
        session.authentication().authenticate(plain.user, plain.password, new Reply<String>() {
            @Override
            public void complete(String user) {
                ByteBuf empty = session.connection().allocator().ioBuffer(Integer.BYTES);
                session.connection().write(empty.writeInt(0));
            }

            @Override
            public void fail(ErrorCode error, String reason) {
                session.refuse("authentication failed", reason);
            }
        });
    }

    /** The token of SASL PLAIN (RFC 4616): authorization identity, user and password, with a zero byte before the last two. */
    private record Plain(String user, String password) {
        static @Nullable Plain parse(byte[] token) {
            int first = indexOfZero(token, 0);
            int second = first < 0 ? -1 : indexOfZero(token, first + 1);
            if (second < 0 || indexOfZero(token, second + 1) >= 0) {
                return null;
            }
            String authorized = text(token, 0, first);
            String user = text(token, first + 1, second);
            if (user.isEmpty() || !(authorized.isEmpty() || authorized.equals(user))) {
                return null;
            }
            return new Plain(user, text(token, second + 1, token.length));
        }

        private static int indexOfZero(byte[] bytes, int from) {
            for (int i = from; i < bytes.length; i++) {
                if (bytes[i] == 0) {
                    return i;
                }
            }
            return -1;
        }

        private static String text(byte[] bytes, int from, int to) {
            return new String(Arrays.copyOfRange(bytes, from, to), StandardCharsets.UTF_8);
        }
    }
}
